"""`kfp/dsl/executor_main.py` of the embedded bundle: the component's function comes from one file."""

from kfp.runtime import step
from kfp.runtime.loader import function_in, load_file


def main(path: str, arguments: list[str]) -> int:
    """Run one component function.

    Args:
        path: the file that defines it.
        arguments: `--executor_input`, `--function_to_execute` and their values.

    Returns:
        As `kfp.runtime.step.run`.
    """
    options = dict(zip(arguments[::2], arguments[1::2]))  # noqa: B905 -- Python 3.7
    return step.run(options["--executor_input"], lambda: function_in(load_file(path), options["--function_to_execute"]))
