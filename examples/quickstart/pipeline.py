"""A pipeline that uses the component twice."""

from kfp import dsl
from src.my_component import add


@dsl.pipeline(name="math-pipeline")
def math_pipeline(x: int, y: int) -> int:
    """Add y to x, then x again."""
    task1 = add(a=x, b=y)
    task2 = add(a=task1.output, b=x)
    return task2.output
