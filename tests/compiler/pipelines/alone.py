"""A component compiled alone, with additional functions and a nested definition's indentation."""
# ruff: noqa: ANN201, RET504 -- written as users of KFP write

from kfp import dsl


def twice(x: int) -> int:
    return 2 * x


def define():
    @dsl.component(
        base_image="python:3.11",
        additional_funcs=[twice],
    )
    def work_hard(a: int, name: str = 'it\'s "x"') -> str:
        """Works."""
        text = f"{twice(a)}{name}"
        # a comment
        return text

    return work_hard


pipeline = define()
