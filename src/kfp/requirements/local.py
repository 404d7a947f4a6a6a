"""Requirements that are paths: `./lib`, `-e .`, `lib @ file:///…`, `./dist/x.whl`, made absolute and told apart."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_REMOTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?)\s*@\s*(?P<url>\S+)\s*(?P<marker>;.*)?$")
_EXTRAS = re.compile(r"^(?P<path>.*?)(?P<extras>\[[^\[\]]*\])?$")
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tgz")


def absolute(line: str, directory: Path) -> str:
    """Gives a requirement with its path made absolute, as a `file:` address; others as they are.

    Args:
        line: as pip reads it; `-e` and `--editable` before it are dropped, since what is installed is a copy.
        directory: what a relative path starts from.
    """
    text = re.sub(r"^(?:-e|--editable)(?:\s+|=)", "", line).strip()
    named = _NAMED.match(text)
    if named:
        url = named["url"]
        path = _path(url, directory)
        return f"{named['name'].strip()} @ {path.as_uri()}{f' {m}' if (m := named['marker']) else ''}" if path else text
    body, separator, marker = re.sub(r"\s*;\s+", " ; ", text, count=1).partition(" ;")
    split = _EXTRAS.match(body.strip())
    if split is None or not _looks_like_path(split["path"], directory):
        return text
    path = _path(split["path"], directory)
    return text if path is None else f"{path.as_uri()}{split['extras'] or ''}{separator}{marker}"


def project_of(line: str) -> tuple[Path, str] | None:
    """Gives the directory that an absolute requirement names, and its extras (`[a,b]` or ""); None for any other."""
    found = re.search(r"(?:^|(?<=[\s@]))(file://[^\s;\[#]+)", line)
    if found is None:
        return None
    path = Path(unquote(urlsplit(found.group(1)).path))
    if path.name.endswith(_ARCHIVES) and not path.is_dir():
        return None
    extras = re.search(r"(\[[^\]]*\])", line.partition(";")[0])
    return path, extras.group(1) if extras else ""


def marker_of(line: str) -> str:
    """Gives the marker of a requirement with its semicolon, or ""."""
    _, separator, marker = line.partition(" ;")
    return f"{separator}{marker}"


def _path(text: str, directory: Path) -> Path | None:
    if text.startswith("file:"):
        rest = text.removeprefix("file://") if text.startswith("file://") else text.removeprefix("file:")
        text = unquote(rest.partition("#")[0])
    elif _REMOTE.match(text) or re.match(r"^[a-z]+\+", text):
        return None
    return (directory / text).resolve()


def _looks_like_path(text: str, directory: Path) -> bool:
    if text.startswith("file:"):
        return True
    if _REMOTE.match(text) or re.match(r"^[a-z]+\+[a-z]+:", text):
        return False
    return (
        text.startswith((".", "/", "~/")) or "/" in text or (text.endswith(_ARCHIVES) and (directory / text).is_file())
    )
