"""Recognises the commands of Python components, so that they run without a shell, a container, or an installation.

A component that this project or KFP's SDK compiled has one of these shapes:

    sh -c PROLOGUE …rest                        installs packages, then runs the rest (`"$0" "$@"`)
    python3 -c BOOTSTRAP SOURCE                 a lightweight function, compiled here
    sh -ec PROGRAM SOURCE                       a lightweight function, compiled by KFP's SDK
    python3 -m kfp.dsl.executor_main            a containerized function, its code in the image

KFP's SDK up to 2.0 calls the entry point `kfp.components.executor_main`. Whatever has another shape is not a Python
component, and runs in a container only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from kfp.engine.prologue import Installation, read_prologue

if TYPE_CHECKING:
    from collections.abc import Sequence

_PYTHON = re.compile(r"(?:/[^\s]*/)?python(?:3(?:\.\d+)?)?")
_SHELL = re.compile(r"(?:/[^\s]*/)?(?:ba|da)?sh")
_PROLOGUE = ("sh", "-c", "PROLOGUE")
_LIGHTWEIGHT = ("python3", "-c", "BOOTSTRAP", "SOURCE")
_MODULE = ("python3", "-m", "ENTRY")
_ARGS = ("--executor_input", "{{$}}", "--function_to_execute")
_ENTRIES = ("kfp.dsl.executor_main", "kfp.components.executor_main")


class PythonCommand(msgspec.Struct, frozen=True):
    """A Python component's command.

    Args:
        function: the function to run.
        source: the text of its module; None where its code lies in the image.
        installation: the packages that it installs when it starts.
    """

    function: str
    source: str | None = None
    installation: Installation = msgspec.field(default_factory=Installation)


def recognise(command: Sequence[str], args: Sequence[str]) -> PythonCommand | None:
    """Read a container's command and arguments as those of a Python component.

    Args:
        command: `PipelineContainerSpec.command`, placeholders unresolved.
        args: `PipelineContainerSpec.args`, likewise.

    Returns:
        What they run, or None where they are something else.
    """
    function = _function(args)
    if function is None:
        return None
    rest, installation = tuple(command), Installation()
    if len(rest) > len(_PROLOGUE) and _SHELL.fullmatch(rest[0]) and rest[1] == "-c":
        read = read_prologue(rest[2])
        if read is None:
            return None
        rest, installation = rest[len(_PROLOGUE) :], read
    found = _entry(rest, function)
    return None if found is None else replace(found, installation=installation)


def _entry(rest: tuple[str, ...], function: str) -> PythonCommand | None:
    if len(rest) == len(_MODULE) and rest[1] == "-m" and rest[2] in _ENTRIES and _PYTHON.fullmatch(rest[0]):
        return PythonCommand(function)
    if len(rest) != len(_LIGHTWEIGHT):
        return None
    program, flag, text, source = rest
    # The source is the program's first argument: a definition in it tells a component from any other one-liner.
    if f"def {function}" not in source or "executor_main" not in text:
        return None
    is_ours = _PYTHON.fullmatch(program) and flag == "-c"
    is_theirs = _SHELL.fullmatch(program) and flag in ("-ec", "-c") and "--component_module_path" in text
    return PythonCommand(function, source) if is_ours or is_theirs else None


def _function(args: Sequence[str]) -> str | None:
    """Return the function's name where the arguments are those of the executor's entry point."""
    if tuple(args[:-1]) != _ARGS:
        return None
    return args[-1] if args[-1].isidentifier() else None
