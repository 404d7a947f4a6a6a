"""Console scripts for another machine's interpreter, and the RECORD that lists what was installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OBJECT = re.compile(r"^(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+))?\s*(?:\[.*\])?$")
_LONG_SHEBANG = re.compile(rb"#!/bin/sh\n'''exec' [^\n]*\n' '''\n")
_SHEBANG = re.compile(rb"#!\s*/\S*/(?:python|pypy)[\w.]*(?P<rest>[^\n]*\n)")

_SCRIPT = """\
#!{interpreter}
import sys
from {module} import {name}
if __name__ == "__main__":
    sys.exit({attribute}())
"""


def entry_point_scripts(entry_points: str, interpreter: str) -> dict[str, bytes]:
    """Writes the scripts of an `entry_points.txt` (entry points specification, "Use for scripts").

    Args:
        entry_points: the file's text.
        interpreter: absolute path of the interpreter that will run the scripts.

    Returns:
        The script's file name → its contents.
    """
    import configparser  # noqa: PLC0415 (start-up: only what installs packages reads entry points)

    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of scripts keep their case
    parser.read_string(entry_points)
    scripts = {}
    for section in ("console_scripts", "gui_scripts"):
        for name, value in parser.items(section) if parser.has_section(section) else ():
            found = _OBJECT.match(value.strip())
            if found is None or found["attribute"] is None:
                continue
            text = _SCRIPT.format(
                interpreter=interpreter,
                module=found["module"],
                name=found["attribute"].partition(".")[0],
                attribute=found["attribute"],
            )
            scripts[name] = text.encode()
    return scripts


def with_interpreter(script: bytes, interpreter: str) -> bytes:
    """Gives a script whose first line starts `interpreter` wherever it started this machine's Python."""
    line = f"#!{interpreter}\n".encode()
    if _LONG_SHEBANG.match(script):
        return _LONG_SHEBANG.sub(lambda _: line, script, count=1)
    return _SHEBANG.sub(lambda found: b"#!" + interpreter.encode() + found["rest"], script, count=1)


def record_hash(data: bytes) -> str:
    """Gives the hash of a file's contents as RECORD spells it (`sha256=` and unpadded URL-safe base64)."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def write_record(rows: Iterable[tuple[str, str, str]], record: str, site_packages: str) -> bytes:
    """Writes a RECORD file, sorted by path (PyPA specification "Recording installed projects").

    Args:
        rows: (path, hash, size) of every file but RECORD; paths like `site_packages`.
        record: path of the RECORD file itself.
        site_packages: the directory that the paths in RECORD are relative to.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    inside = f"{site_packages}/"
    for path, digest, size in sorted([*rows, (record, "", "")]):
        relative = path[len(inside) :] if path.startswith(inside) else posixpath.relpath(path, site_packages)
        writer.writerow((relative, digest, size))
    return text.getvalue().encode()


def read_record(text: str) -> list[tuple[str, str, str]]:
    """Reads the (path, hash, size) rows of a RECORD file."""
    rows = filter(None, csv.reader(text.splitlines()))
    return [(path, digest, size) for path, digest, size in ((*row, "", "")[:3] for row in rows)]
