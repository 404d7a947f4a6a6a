"""Parameter types, defaults, and outputs."""

import typing
from typing import Any, Dict, List, NamedTuple, Optional

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import InputPath, OutputPath


@component
def every_parameter_type():
    @dsl.component
    def step(a: str, b: int, c: float, d: bool, e: dict, f: list):
        pass

    return step


@component
def typing_forms():
    @dsl.component
    def step(
        a: Dict[str, int], b: List[str], c: List[Dict[str, float]], d: Dict, e: List, f: typing.Dict[str, Any]
    ) -> List[Dict[str, str]]:
        return []

    return step


@component
def builtin_generic_forms():
    @dsl.component
    def step(a: dict[str, int], b: list[str], c: list[dict[str, list[int]]]) -> dict[str, int]:
        return {}

    return step


@component
def optional_forms():
    @dsl.component
    def step(
        a: Optional[int] = None,
        b: Optional[str] = "x",
        c: Optional[List[int]] = None,
        d: Optional[Dict[str, int]] = None,
        f: Optional[bool] = None,
    ):
        pass

    return step


@component
def an_optional_without_a_default():
    @dsl.component
    def step(a: Optional[int]):
        pass

    return step


@component
def none_as_a_default():
    @dsl.component
    def step(a: int = None, b: str = None, c: dict = None, d: list = None, e: bool = None, f: float = None):
        pass

    return step


@component
def defaults_of_every_type():
    @dsl.component
    def step(
        a: str = "x",
        b: int = -3,
        c: float = 1e-9,
        d: bool = True,
        e: dict = {"k": [1, 2.5, True]},
        f: list = [{"a": 1}, "b", 3],
        g: str = "",
        h: int = 0,
        i: bool = False,
        j: dict = {},
        k: list = [],
        m: float = 2,
    ):
        pass

    return step


@component
def texts_that_yaml_could_mistake():
    @dsl.component
    def step(
        a: str = "yes",
        b: str = "1",
        c: str = "null",
        d: str = "2024-01-01",
        e: str = " padded ",
        f: str = "a: b # c",
        h: str = "ünï ☃",
        i: str = "1e3",
        j: str = "~",
    ):
        pass

    return step


@component
def a_default_of_several_lines():
    @dsl.component
    def step(a: str = "line\nline\n"):
        pass

    return step


@component
def a_large_integer():
    @dsl.component
    def step(a: int = 2**53, b: float = 1e300):
        pass

    return step


@component
def named_tuple_by_call():
    @dsl.component
    def step() -> NamedTuple("Outputs", [("a", int), ("b", str), ("c", Dict[str, int]), ("d", List[str])]):
        return (1, "b", {}, [])

    return step


@component
def named_tuple_by_class():
    class Outputs(NamedTuple):
        a: int
        b: bool

    @dsl.component
    def step() -> NamedTuple("Outputs", a=int, b=bool):
        return (1, True)

    return step


@component
def named_tuple_with_artifacts():
    @dsl.component
    def step() -> NamedTuple("Outputs", [("a", int), ("data", dsl.Dataset)]):
        from collections import namedtuple

        return namedtuple("Outputs", ["a", "data"])(1, dsl.Dataset(uri=dsl.get_uri()))

    return step


@component
def an_artifact_as_the_return_value():
    @dsl.component
    def step() -> dsl.Model:
        return dsl.Model(uri=dsl.get_uri())

    return step


@component
def paths_of_parameters():
    @dsl.component
    def step(
        a: InputPath(),
        b: InputPath(str),
        c: InputPath("Dataset"),
        d: OutputPath(str),
        e: OutputPath(int),
        g: OutputPath(dict),
        h: OutputPath("Model"),
    ):
        pass

    return step


@component
def a_final_status():
    @dsl.component
    def step(status: dsl.PipelineTaskFinalStatus, text: str = "x"):
        pass

    return step


@component
def no_inputs_and_no_outputs():
    @dsl.component
    def step():
        pass

    return step


@component
def return_none():
    @dsl.component
    def step(a: int) -> None:
        pass

    return step


@pipeline
def constants_of_every_type():
    @dsl.component
    def step(a: str, b: int, c: float, d: bool, e: dict, f: list):
        pass

    step(a="x", b=1, c=2.5, d=True, e={"k": [1, {"n": "m"}]}, f=[1, "a", 2.5, [True]])
    step(a="", b=0, c=0.0, d=False, e={}, f=[])
    step(a="ü\n'\"", b=-1, c=3.0, d=True, e={"a b": "c"}, f=[{}])


@pipeline
def pipeline_inputs_of_every_type(
    a: str,
    b: int,
    c: float,
    d: bool,
    e: dict,
    f: list,
    g: Dict[str, int],
    h: List[str],
    i: Optional[int] = None,
    j: Optional[str] = None,
    k: int = 3,
    m: float = 0.5,
    n: bool = True,
    o: dict = {"a": 1},
    p: list = [1, 2],
):
    @dsl.component
    def step(
        a: str,
        b: int,
        c: float,
        d: bool,
        e: dict,
        f: list,
        g: Dict[str, int],
        h: List[str],
        i: Optional[int],
        j: Optional[str],
        k: int,
        m: float,
        n: bool,
        o: dict,
        p: list,
    ):
        pass

    step(a=a, b=b, c=c, d=d, e=e, f=f, g=g, h=h, i=i, j=j, k=k, m=m, n=n, o=o, p=p)


@pipeline
def several_outputs_and_defaults(x: int = 1) -> NamedTuple("Outputs", [("number", int), ("text", str)]):
    made = steps.two()
    steps.add(a=made.outputs["number"], b=x)
    steps.say(text=made.outputs["text"])
    outputs = NamedTuple("Outputs", [("number", int), ("text", str)])
    return outputs(number=made.outputs["number"], text=made.outputs["text"])


@pipeline
def texts_with_channels(x: int, name: str = "n"):
    made = steps.two()
    steps.say(text=f"{x} and {name}: {made.outputs['text']}/{made.outputs['number']}")
    steps.say(text=f"{{braces}} {name} {{{{$.x}}}}")


@pipeline
def channels_inside_lists_and_dicts(x: int, name: str):
    made = steps.two()
    steps.total(values=[x, 2, made.outputs["number"]])
    steps.join(values=[name, f"{name}!", made.outputs["text"]])
    steps.count(table={"a": x, "b": made.outputs["number"], "c": 3})

    @dsl.component
    def deep(value: list):
        pass

    deep(value=[{"a": [x, {"b": name}]}, made.outputs["text"]])


@pipeline
def keyword_names_of_the_schema(root: int, components: int, tasks: str, name: str):
    steps.add(a=root, b=components)
    steps.say(text=f"{tasks}{name}")


@component(compile_with={"type_check": False})
def type_check_off_by_argument():
    @dsl.pipeline
    def unchecked(x: str):
        steps.add(a=1)

    return unchecked


@component
def a_type_check_that_is_off():
    import kfp

    def unchecked(x: str):
        steps.add(a=steps.say(text=x).output)
        steps.add(a=x)

    kfp.TYPE_CHECK = False
    try:
        return dsl.pipeline(unchecked)
    finally:
        kfp.TYPE_CHECK = True
