"""Parameters of every type, defaults, descriptions, display names, settings, texts with channels."""
# ruff: noqa: B006, UP006, UP035, UP045 -- written as users of KFP write

from typing import Dict, List, NamedTuple, Optional

from kfp import dsl


@dsl.component(base_image="python:3.11", target_image="localhost:5000/my-project/my-component:v1")
def add(a: int, b: int = 3) -> int:
    """Adds.

    Args:
        a: first
        b: second

    Returns:
        the sum
    """
    return a + b


@dsl.component(base_image="python:3.11")
def types(
    text: str,
    items: List[int] = [1, 2],
    table: Optional[Dict[str, int]] = None,
    ratio: float = 2.5,
    flag: bool = True,
) -> NamedTuple("Results", [("n", int), ("s", str), ("d", dict)]):
    from collections import namedtuple

    return namedtuple("Results", "n s d")(len(text), text, {})


@dsl.pipeline(name="math pipeline!", description="Adds\nand more", display_name="Math", pipeline_root="s3://bucket/x")
def pipeline(x: int, y: int = 3, z: str = "q", names: List[str] = ["a"], table: dict = {"k": [1, 2.5, "v"]}) -> int:
    """Not this text.

    Args:
        x: the x
    """
    one = add(a=x, b=y)
    two = add(a=one.output, b=x).set_cpu_limit("1").set_env_variable("A", "b").set_caching_options(False)
    three = types(text=z, items=[1, 2, 3], table={"a": 1}, ratio=0.5, flag=False).set_display_name("Three")
    four = types(text=f"v {two.output} and {z}, {z}", items=[one.output, 4], table={"x": {"y": [z, x]}})
    four.after(one, three).set_retry(3)
    types(text=three.outputs["s"], table=four.outputs["d"]).after(two)
    add(a=5).set_retry(2, backoff_duration="30s", backoff_factor=1.5, backoff_max_duration="2h")
    add(a=5).set_memory_limit("512Mi").set_memory_request("1G").set_cpu_request("500m").set_cpu_limit("1.5")
    add(a=5).set_container_image("other:1").set_caching_options(True, cache_key="mine")
    add(a=5).set_caching_options(False, cache_key="mine").set_env_variable("A", "1").set_env_variable("A", "2")
    add(a=5).set_cpu_limit(z).set_memory_limit(z).set_container_image(f"image:{z}")
    return two.output
