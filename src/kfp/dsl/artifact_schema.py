"""The schemas that artifact classes can have: titles in namespaces that backends know, versions of three numbers."""

from typing import Any, Optional

_NAMESPACES = ("system", "google")
_VERSION_PARTS = 3


def schema_problem(title: Any, version: Any) -> Optional[str]:
    """Say what is wrong with the schema of an artifact class, or give None."""
    namespace, dot, name = title.partition(".") if isinstance(title, str) else ("", "", "")
    if not dot or "." in name or namespace not in _NAMESPACES:
        return "the schema_title {!r}; accepted are 'system.Name' and 'google.Name'".format(title)
    parts = version.partition("-")[0].partition("+")[0].split(".") if isinstance(version, str) else ()
    if version != "" and (len(parts) != _VERSION_PARTS or not all(part.isdigit() for part in parts)):
        return "the schema_version {!r}; accepted are versions such as '1.0.0'".format(version)
    return None
