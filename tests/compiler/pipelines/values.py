"""Constants and defaults at their edges, texts with channels, settings, docstrings in several shapes."""
# ruff: noqa: ANN201, B006, UP006, UP035, UP045 -- written as users of KFP write

from typing import Dict, List, Optional

from kfp import dsl


@dsl.component(base_image="b")
def add(a: int, b: int = 3) -> int:
    """Doc.

    Args:
      a (int, optional): typed. Defaults to 1.
      b: b

    Raises:
      X: y

    Example:
      code
    """
    return a


@dsl.component(base_image="b")
def take(s: str = "x", items: list = [], d: dict = {}, f: float = 0.5, b: bool = False) -> str:
    """Starts low.
    And 'on' é ☃.

    Args:
        s: the text
    """
    return s


@dsl.pipeline(name="values")
def pipeline(
    a: int = -1,
    b: float = 1e-10,
    c: float = 1e30,
    d: str = "",
    e: str = "1",
    f: dict = {},
    g: list = [],
    h: dict = {"a": {"b": [1, {"c": 2}]}},
    i: bool = False,
    j: int = 2**40,
    k: Optional[dict] = None,
    m: Optional[str] = "x",
    n: List[Dict[str, int]] = [{"a": 1}],
):
    """Only a pipeline.

    Args:
        a: negative
    """
    one = add(a=a)
    take(s=d, items=g, d=h, f=b, b=i)
    take(s=m, items=n, f=c)
    take(s="", items=["1", True, 0.5, [], {}], d={"": {}, "a b": [1]}, f=-0.0, b=True)
    take(s="multi\nline\n", items=["x\ny"], f=1e22)
    take(s=f"{d}{d}{one.output}", items=[f"{a}", a, one.output], d={"a": one.output, "b": f"-{one.output}-"})
    take(s="{{$.inputs}} " + str(a) + dsl.PIPELINE_TASK_NAME_PLACEHOLDER)
    add(a=1).set_retry(0).set_cpu_limit("0.1")
    add(a=1).set_retry(1, "10s", 1, "50s").set_cpu_limit("100m").set_memory_request("100")
    add(a=1).set_retry(3, backoff_max_duration="24h").set_memory_limit("1Ei").set_env_variable("A", "")
    add(a=1).set_retry(3, backoff_duration="1 minute", backoff_factor=0.5).set_display_name("é")
