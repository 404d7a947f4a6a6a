"""Whether pip could read a requirement at all: its grammar alone, before anything is looked up.

pip takes PEP 508, URLs, paths and its own options. Its versions before 24.1, which base images still have, take
versions and specifiers that PEP 440 does not know, such as `pytz==2004d` and `numpy>=1.*`.
"""

from __future__ import annotations

import re

_OPERATOR = r"(?:===|==|~=|!=|<=|>=|<|>)"
_NAME = r"\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?\s*"
_CLAUSES = rf"{_OPERATOR}\s*[^\s,;()=<>!~]+\s*(?:,\s*{_OPERATOR}\s*[^\s,;()=<>!~]+\s*)*,?\s*"
_RELEASE = r"\d+(?:\.\d+)*"
_EXTRA = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = rf"(?:(?:===|==|!=|<=|>=|<|>)\s*{_RELEASE}|~=\s*\d+(?:\.\d+)+)"
_PLAIN = re.compile(
    rf"\s*{_EXTRA}\s*(?:\[\s*{_EXTRA}(?:\s*,\s*{_EXTRA})*\s*\]\s*)?(?:{_CLAUSE}\s*(?:,\s*{_CLAUSE}\s*)*)?"
)
"""What nearly everybody writes, all of it PEP 508: known without the 25 ms that importing `packaging` takes."""
_FORMER = re.compile(rf"{_NAME}(?:\(\s*{_CLAUSES}\)|{_CLAUSES})?")
_URL = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:(?://|.*/)")
_ARCHIVE = re.compile(r".*\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.\w+)\s*(?:\[[^\]]*\]\s*)?", re.IGNORECASE)
_HABITS = ((r"(?<![=<>!~])=(?![=<>])", "=="), (r"=>", ">="), (r"=<", "<="))
"""What people write in place of an operator."""


def is_requirement(line: str) -> bool:
    """Tell whether pip can read a requirement from its command line; what it names need not exist."""
    if _PLAIN.fullmatch(line) or line.startswith("-") or _URL.match(line) or _ARCHIVE.fullmatch(line) or _is_path(line):
        return True
    from packaging.markers import InvalidMarker, Marker  # noqa: PLC0415 - only components with packages pay for it
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - the same

    try:
        Requirement(line)
    except InvalidRequirement:
        requirement, separator, marker = line.partition(";")
        if not _FORMER.fullmatch(requirement):
            return False
        try:
            return not separator or not marker.strip() or bool(Marker(marker))
        except InvalidMarker:
            return False
    return True


def suggestion(line: str) -> str | None:
    """Return what the author of a line that pip cannot read may have meant."""
    meant = line.partition("#")[0].strip()
    for habit, operator in _HABITS:
        meant = re.sub(habit, operator, meant)
    if not is_requirement(meant):
        spaced = re.sub(r"^(\S+)\s+v?(\d\S*)$", r"\1==\2", meant)
        meant = spaced if is_requirement(spaced) else ""
    return meant or None


def _is_path(line: str) -> bool:
    return "/" in line.partition(";")[0] or "\\" in line or line.strip().startswith(".")
