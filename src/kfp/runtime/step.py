"""One step, from its input to its exit code: its function is loaded and called, and its failure shown."""

import json
import sys
from typing import Any, Callable, Dict

from kfp.errors import RunError, SkiffError
from kfp.runtime import absent
from kfp.runtime.executor import execute
from kfp.runtime.interface import Signature


def run(executor_input: str, load: Callable[[], Signature]) -> int:
    """Call a component function and write its outputs.

    Args:
        executor_input: an ExecutorInput as JSON, or `@` and the path of a file that holds it.
        load: loads the function and gives its signature.

    Returns:
        0; 1 when the step failed, its error then is on stderr.
    """
    try:
        parsed = _read_input(executor_input)
        absent.install()
        execute(load(), parsed)
    except SkiffError as error:
        sys.stdout.flush()
        print("error: {}{}".format("" if error.location else _place(error), error), file=sys.stderr)
        return 1
    except Exception as error:  # the component's own failure, shown as its author knows it
        sys.stdout.flush()
        _print_traceback(error)
        return 1
    return 0


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
