"""`kfp/dsl/executor_main.py` of the embedded bundle: the component's function comes from one file."""

from __future__ import annotations

from kfp.runtime import step
from kfp.runtime.interface import Signature
from kfp.runtime.loader import function_in, load_file
from kfp.runtime.signature import inspect_signature
from kfp.runtime.written import read


def main(path: str, arguments: list[str], signature: str | None = None) -> int:
    """Run one component function.

    Args:
        path: the file that defines it.
        arguments: `--executor_input`, `--function_to_execute` and their values.
        signature: the function's, as `kfp.runtime.written` writes it; None where it is read here.

    Returns:
        As `kfp.runtime.step.run`.
    """
    options = dict(zip(arguments[::2], arguments[1::2]))  # noqa: B905 -- Python 3.7

    def load() -> Signature:
        function = function_in(load_file(path), options["--function_to_execute"])
        return inspect_signature(function) if signature is None else read(signature, function)

    return step.run(options["--executor_input"], load)
