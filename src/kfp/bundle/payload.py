"""The embedded bundle as text: the files that a step needs, stripped, deflated, and written in 85 characters."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from functools import cache
from pathlib import Path

from kfp.home import kfp_home

PARTS = {
    "classification": "kfp.runtime.classification",
    "construction": "kfp.runtime.construction",
    "modern_syntax": "kfp.runtime.modern_syntax",
    "signature": "kfp.runtime.signature",
    "status": "kfp.runtime.status",
    "task_config": "kfp.runtime.task_config",
}
"""What only some components use, and the module that has it; in other steps stand-ins take its place."""

UNSAFE, SAFE = "${}<>&", ",./:[]"
"""The characters of RFC 1924's base 85 that something on the way to a step reads (templates, Kubernetes, HTML in JSON),
and those that stand for them in a payload."""

_ROOT = Path(__file__).parent.parent
_OWN = {
    "kfp": "kfp.py",
    "kfp.dsl": "dsl.py",
    "kfp.dsl.executor_main": "executor_main.py",
    "kfp.location": "location.py",
}
_AUTHORS = ("kfp.runtime.docstring", "kfp.runtime.docstring_styles", "kfp.runtime.members")
_ENTRY = ("kfp.dsl.executor_main", "main")
_PACKAGES = ("kfp", "kfp.dsl", "kfp.runtime")


@cache
def payload(parts: Set[str]) -> str:
    """Give the embedded files as text; packing takes a moment, so the result is kept in the cache under KFP_HOME.

    Args:
        parts: names of `PARTS`.

    Returns:
        Paths and contents in turn with a NUL between, deflated (raw), in base 85 without the unsafe characters.
    """
    absent = {*_AUTHORS, *(module for part, module in PARTS.items() if part not in parts)}
    sources = {name: text for name, text in _sources().items() if name not in absent}
    packers = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    key = hashlib.sha256("\0".join([*sources, *sources.values(), *packers]).encode()).hexdigest()
    kept = kfp_home() / "cache" / "bootstrap" / f"{key}.txt"
    with suppress(OSError, ValueError, zlib.error):  # missing, or cut short
        text = kept.read_text(encoding="ascii")
        zlib.decompress(unpacked(text), -15)
        return text
    text = packed(_files(sources))
    draft = kept.with_name(f".{key}-{os.urandom(4).hex()}")
    with suppress(OSError):  # without a cache every process packs for itself
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="ascii")
        draft.replace(kept)
    return text


def packed(files: Mapping[str, str]) -> str:
    """Write files as the text of a payload."""
    from kfp.bundle.deflate import deflate  # noqa: PLC0415 (start-up: payloads are kept)

    data = "\0".join(part for item in files.items() for part in item).encode()
    return base64.b85encode(deflate(data)).decode("ascii").translate(str.maketrans(UNSAFE, SAFE))


def unpacked(text: str) -> bytes:
    """Read a payload as deflated bytes.

    Raises:
        ValueError: it is not base 85.
    """
    return base64.b85decode(text.translate(str.maketrans(SAFE, UNSAFE)))


def _sources() -> dict[str, str]:
    """Read the bundle's modules by name, with the embedded bundle's own in the place of some."""
    paths = [_ROOT / "errors.py", _ROOT / "version.py", *sorted((_ROOT / "runtime").glob("*.py"))]
    sources = {_module(path): path.read_text(encoding="utf-8") for path in paths}
    embedded = Path(__file__).parent / "embedded"
    sources.update((name, (embedded / file).read_text(encoding="utf-8")) for name, file in _OWN.items())
    return dict(sorted(sources.items()))


def _files(sources: Mapping[str, str]) -> dict[str, str]:
    """Leave of the modules what the step's entry reaches, as files by path."""
    from kfp.bundle.reach import reach  # noqa: PLC0415 (start-up: payloads are kept)
    from kfp.bundle.strip import strip  # noqa: PLC0415 (as above)

    stripped = {name: strip(text) for name, text in sources.items()}
    roots: Iterable[tuple[str, str]] = [_ENTRY, *((package, "*") for package in _PACKAGES)]
    return {_path(name): text for name, text in reach(stripped, roots).items()}


def _module(path: Path) -> str:
    parts = path.relative_to(_ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path(module: str) -> str:
    return module.replace(".", "/") + ("/__init__.py" if module in _PACKAGES else ".py")
