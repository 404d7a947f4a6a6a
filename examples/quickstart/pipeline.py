"""A pipeline that uses a component twice, one with modules of its own.

The component lies in `src/`, and imports a module beside it, relatively. `kfp component build` packs the directory into
the image that the component's `target_image` names; `demo.sh` shows all of it.
"""

from kfp import dsl
from src.my_component import add


@dsl.pipeline(name="math-pipeline")
def math_pipeline(x: int, y: int) -> int:
    """Add y to x, then x again."""
    task1 = add(a=x, b=y)
    task2 = add(a=task1.output, b=x)
    return task2.output
