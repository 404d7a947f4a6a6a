"""A component's metadata, the YAML that it is loaded from, compiled once for each interface.

Most builds change a function's body, which a containerized component's metadata does not hold. Those find the text
again and load no compiler.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import kfp
from kfp.build.files import write_atomically
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.dsl.python_component import PythonComponent
    from kfp.images.reference import Reference

_FORMAT = "1"
_STAND_IN = f"pinned.invalid/image@sha256:{'0' * 64}"
_COMPILING = ("compiler", "dsl", "ir", "runtime")
"""The rooms whose code decides about the text."""


def metadata(component: PythonComponent, cache: Path, pinned: Reference | None = None) -> bytes:
    """Gives the metadata of a containerized component.

    Args:
        component: its text depends on its interface and settings, not on its function's body.
        cache: a directory of this function's own.
        pinned: its target image with the digest that the metadata shall name; None to name the tag alone. Compiled
            with a name that stands for it, so that another digest costs no compilation.

    Raises:
        AuthoringError: the component cannot be compiled.
    """
    if pinned is None:
        return _text(component, cache)
    from kfp.dsl.python_component import PythonComponent  # noqa: PLC0415 (start-up: only some builds pin)

    settings = component.settings._replace(target_image=_STAND_IN)
    text = _text(PythonComponent(component.interface, component.python_func, settings), cache)
    return text.replace(_STAND_IN.encode(), pinned.familiar.encode())


def _text(component: PythonComponent, cache: Path) -> bytes:
    known = cache / f"{_key(component)}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        found: str = json.loads(known.read_text(encoding="utf-8"))["text"]
        return found.encode()
    from kfp.compiler.compile import document  # noqa: PLC0415 (start-up: most builds change no interface)
    from kfp.ir.files import dumps  # noqa: PLC0415 (as above)

    text = dumps(document(component))
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        write_atomically(known, json.dumps({"text": text}).encode())
    return text.encode()


def _key(component: PythonComponent) -> str:
    settings = component.settings._replace(additional_funcs=())  # a function that travels in no image
    described = (component.function_name, component.interface, settings)
    parts = (_FORMAT, __version__, *described, *_environment(), *_compiler())
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _environment() -> Iterator[tuple[str, str]]:
    """Gives the settings that may reach the compiler."""
    yield from sorted(item for item in os.environ.items() if item[0].startswith("KFP_"))


def _compiler() -> Iterator[tuple[str, int, int]]:
    """Tells the compiler's files apart from those of another version, or of a checkout that is worked on."""
    for room in _COMPILING:
        with os.scandir(Path(kfp.__file__).parent / room) as files:
            for file in sorted(files, key=lambda file: file.name):
                if file.name.endswith(".py"):
                    status = file.stat()
                    yield f"{room}/{file.name}", status.st_size, status.st_mtime_ns
