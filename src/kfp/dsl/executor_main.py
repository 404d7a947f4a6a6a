"""The entry point of a step: `python3 -m kfp.dsl.executor_main --executor_input … --function_to_execute …`.

Without `--component_module_path` the function is looked up in the working directory's `kfp_config.ini`.
"""

import os
import sys
from typing import Any, Dict, List, Optional

from kfp import dsl
from kfp.runtime import absent, loader, step, unread
from kfp.runtime.interface import Signature
from kfp.runtime.signature import inspect_signature

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
        As `kfp.runtime.step.run`; 2 for a command line that is not understood.
    """
    try:
        options = _parse(sys.argv[1:] if arguments is None else arguments)
    except ValueError as error:
        print("{}\n{}".format(error, _USAGE), file=sys.stderr)
        return 2
    name, path = options["--function_to_execute"], options.get("--component_module_path")

    def load() -> Signature:
        return inspect_signature(_member(name) if path is None else _from_file(name, path))

    return step.run(options["--executor_input"], load)


def _member(name: str) -> Any:
    """Load a function of the component directory that the step runs in."""
    root = os.getcwd()
    relative = loader.module_of(root, name)
    # Plain names of the directory's modules must reach the loader, not the path.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != root]
    unread.install(vars(dsl))
    return loader.function_in(loader.load_module(root, relative), name)


def _from_file(name: str, path: str) -> Any:
    """Load a lightweight component's function from its source."""
    absent.defer(vars(dsl), dsl.MODULES)
    return loader.function_in(loader.load_file(path), name)


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


if __name__ == "__main__":
    sys.exit(main())
