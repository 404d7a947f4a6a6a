"""The entry point of a step: `python3 -m kfp.dsl.executor_main --executor_input … --function_to_execute …`.

Without `--component_module_path` the function is looked up in the working directory's `kfp_config.ini`.
"""

import json
import os
import sys
from typing import Any, Dict, List, Optional

from kfp import dsl
from kfp.errors import RunError, SkiffError
from kfp.runtime import absent, loader
from kfp.runtime.executor import execute

_OPTIONS = ("--executor_input", "--function_to_execute", "--component_module_path")
_USAGE = (
    "usage: python3 -m kfp.dsl.executor_main --executor_input JSON|@FILE --function_to_execute NAME"
    " [--component_module_path FILE]"
)


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one component function.

    Args:
        arguments: the command line without the program; that of the process when left out.

    Returns:
        0; 1 when the step failed, its error then is on stderr; 2 for a command line that is not understood.
    """
    try:
        options = _parse(sys.argv[1:] if arguments is None else arguments)
    except ValueError as error:
        print("{}\n{}".format(error, _USAGE), file=sys.stderr)
        return 2
    try:
        run(options["--executor_input"], options["--function_to_execute"], options.get("--component_module_path"))
    except SkiffError as error:
        sys.stdout.flush()
        print("error: {}{}".format("" if error.location else _place(error), error), file=sys.stderr)
        return 1
    except Exception as error:  # the component's own failure, shown as its author knows it
        sys.stdout.flush()
        _print_traceback(error)
        return 1
    return 0


def run(executor_input: str, function_name: str, module_path: Optional[str] = None) -> None:
    """Load a component function, call it and write its outputs.

    Args:
        executor_input: an ExecutorInput as JSON, or `@` and the path of a file that holds it.
        function_name: the name of the function.
        module_path: the file that defines it; else the working directory's `kfp_config.ini` says which.

    Raises:
        SkiffError: the step cannot run as it is written.
        Exception: whatever the component raises.
    """
    parsed = _read_input(executor_input)
    absent.install()
    if module_path is None:
        root = os.getcwd()
        relative = loader.module_of(root, function_name)
        # Plain names of the directory's modules must reach the loader, not the path.
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != root]
        module = loader.load_module(root, relative)
    else:
        absent.defer(vars(dsl), dsl._MODULES)  # noqa: SLF001 -- the table of the package that this module is part of
        module = loader.load_file(module_path)
    execute(loader.function_in(module, function_name), parsed)


def _read_input(text: str) -> Dict[str, Any]:
    try:
        if text.startswith("@"):
            with open(text[1:], encoding="utf-8") as file:
                text = file.read()
        parsed = json.loads(text)
    except (OSError, ValueError) as error:
        raise RunError("the executor input cannot be read: {}".format(error)) from error
    if not isinstance(parsed, dict):
        raise RunError("the executor input is not a JSON object")
    return parsed


def _parse(arguments: List[str]) -> Dict[str, str]:
    """Read the options by hand: argparse would take as long to import as everything else here."""
    options: Dict[str, str] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name not in _OPTIONS:
            raise ValueError("unknown option {!r}".format(name))
        if not equals:
            if not rest:
                raise ValueError("{} needs a value".format(name))
            value = rest.pop(0)
        options[name] = value
    for name in _OPTIONS[:2]:
        if name not in options:
            raise ValueError("{} is missing".format(name))
    return options


def _print_traceback(error: BaseException) -> None:
    """Print a traceback that begins in the component's code."""
    import traceback

    frame = error.__traceback__
    while frame is not None and _is_ours(frame.tb_frame.f_globals.get("__name__") or ""):
        frame = frame.tb_next
    traceback.print_exception(type(error), error, frame)


def _place(error: BaseException) -> str:
    """Say which line of the component led to an error of ours, if one did."""
    place, step = "", error.__traceback__
    while step is not None:
        if not _is_ours(step.tb_frame.f_globals.get("__name__") or ""):
            place = "{}:{}: ".format(step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return place


def _is_ours(module: str) -> bool:
    return module.startswith(("kfp.", "importlib.")) or module in ("importlib", "__main__")


if __name__ == "__main__":
    sys.exit(main())
