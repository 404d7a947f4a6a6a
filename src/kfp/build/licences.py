"""Version and licence of a Python package, as its metadata has them (PyPA "Core metadata", PEP 639)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Licences: TypeAlias = list[dict[str, Any]]
"""CycloneDX's `licenses`: one expression, or licences by identifier or by name."""

_CLASSIFIER: Final = "License :: "
_LONGEST_NAME: Final = 100
_UNKNOWN: Final = frozenset({"", "unknown", "none", "other", "proprietary license", "see license file", "license"})
_VAGUE: Final = ("OSI Approved", "Other/Proprietary License")
_IDENTIFIERS: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "zlib/libpng License": "Zlib",
}
"""SPDX identifiers of the classifiers that mean exactly one licence; "BSD License" means any of several."""
_SHORT: Final = {
    "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "HPND", "ISC", "LGPL-2.1-only",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    "Unlicense", "Zlib",
}  # fmt: skip
"""SPDX identifiers that people write into the old free-text field; anything else in it is given as a name."""


def version(metadata: str) -> str:
    """Reads the version from a package's METADATA; "" where it has none."""
    return next((value for name, value in _header(metadata) if name == "version"), "")


def licences(metadata: str) -> Licences:
    """Reads the licences from a package's METADATA.

    Args:
        metadata: the file's text.

    Returns:
        An SPDX expression where the package has one; else what its classifiers name; else what the free text says
        where that is no more than a name; else nothing.
    """
    fields = list(_header(metadata))
    for name, value in fields:
        if name == "license-expression" and value:
            return [{"expression": value}]
    classifiers = [value for name, value in fields if name == "classifier" and value.startswith(_CLASSIFIER)]
    known = [name for each in classifiers if (name := each.rpartition(" :: ")[2]) not in _VAGUE]
    free = next((value for name, value in fields if name == "license"), "")
    identifier = _identifier(free)
    if known and not (identifier and known == ["BSD License"]):
        return [_licence(_IDENTIFIERS.get(name, ""), name) for name in dict.fromkeys(known)]
    if free.lower() in _UNKNOWN or len(free) > _LONGEST_NAME:
        return []
    return [_licence(identifier, free)]


def _licence(identifier: str, name: str) -> dict[str, Any]:
    return {"license": {"id": identifier} if identifier else {"name": name}}


def _identifier(text: str) -> str:
    return next((known for known in _SHORT if known.lower() == text.lower()), "")


def _header(metadata: str) -> Iterator[tuple[str, str]]:
    """Yields the fields of the header; one that goes on over several lines is a text and no name: it comes empty."""
    name, value = "", ""
    for line in metadata.splitlines():
        if line[:1] in (" ", "\t"):
            value = ""
            continue
        if name:
            yield name, value
        if not line:
            return
        key, _, text = line.partition(":")
        name, value = key.strip().lower(), text.strip()
    yield name, value
