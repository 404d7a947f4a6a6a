"""A component whose directory is packed into the image that `target_image` names."""

from kfp import dsl

from .math import add_numbers


@dsl.component(target_image="localhost:5000/my-project/my-component:v1")
def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: The first number.
        b: The second number.

    Returns:
        Their sum.
    """
    return add_numbers(a, b)
