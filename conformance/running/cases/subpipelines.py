"""Pipelines used as components: defaults, optional inputs, artifacts, depth."""

from typing import Dict, List, NamedTuple, Optional

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, given, runs
from kfp import dsl
from kfp.dsl import Dataset, Input


@dsl.pipeline
def adds(x: int, y: int = 10) -> int:
    return steps.add(a=x, b=y).output


@runs(given(x=1).makes(23))
def defaults_inside(x: int) -> int:
    one = adds(x=x)
    return adds(x=one.output, y=12).output


@dsl.component
def greet(name: Optional[str] = None, number: Optional[int] = None) -> str:
    return f"{name} {number}"


@dsl.pipeline
def greets(name: Optional[str] = None, number: Optional[int] = None) -> str:
    return greet(name=name, number=number).output


@runs(given().makes("None None"), given(name="Ada").makes("Ada None"), given(number=0).makes("None 0"))
def optional_inputs(name: Optional[str] = None, number: Optional[int] = None) -> str:
    return greets(name=name, number=number).output


@runs(given().makes("None 5"))
def optional_inputs_left_out() -> str:
    return greets(number=5).output


@dsl.component
def preset(text: str = "preset", items: List[int] = [1, 2], table: Dict[str, int] = {"a": 1}) -> str:
    return f"{text} {items} {table}"


@dsl.pipeline
def presets(text: str = "outer", items: List[int] = [3]) -> str:
    return preset(text=text, items=items).output


@runs(given().makes("outer [3] {'a': 1}"))
def defaults_of_every_level() -> str:
    return presets().output


@runs(given().makes("preset [1, 2] {'a': 1}"))
def defaults_of_a_component() -> str:
    return preset().output


@dsl.pipeline
def makes_data(text: str) -> Dataset:
    return parts.write(text=text).outputs["data"]


@dsl.pipeline
def reads_data(data: Input[Dataset]) -> NamedTuple("Outputs", [("text", str), ("length", int)]):
    outputs = NamedTuple("Outputs", [("text", str), ("length", int)])
    return outputs(parts.read(data=data).output, parts.count_letters(data=data).output)


@runs(given(text="héllo").makes(text="héllo", length=5, data=Art("system.Dataset", "héllo", {"length": 5})))
def artifacts_in_and_out(
    text: str,
) -> NamedTuple("Outputs", [("text", str), ("length", int), ("data", Dataset)]):
    outputs = NamedTuple("Outputs", [("text", str), ("length", int), ("data", Dataset)])
    made = makes_data(text=text)
    told = reads_data(data=made.output)
    return outputs(told.outputs["text"], told.outputs["length"], made.output)


@dsl.pipeline
def second(x: int) -> int:
    return adds(x=adds(x=x).output, y=1).output


@dsl.pipeline
def third(x: int) -> int:
    return second(x=second(x=x).output).output


@runs(given(x=0).makes(22).within("third/second-2/adds-2/add", 22))
def three_deep(x: int) -> int:
    return third(x=x).output


@runs(given().makes("[11, 12]"))
def in_a_loop() -> str:
    with dsl.ParallelFor([1, 2]) as item:
        task = adds(x=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given(x=3).makes(13), given(x=-1).makes(-2))
def in_a_branch(x: int) -> int:
    with dsl.If(x > 0):
        a = adds(x=x)
    with dsl.Else():
        b = adds(x=x, y=-1)
    return dsl.OneOf(a.output, b.output)


@dsl.pipeline
def lists_of_data(data: Input[List[Dataset]]) -> str:
    return parts.read_all(data=data).output


@runs(given(texts=["x", "y"]).makes("x,y"))
def lists_of_artifacts_inside(texts: List[str]) -> str:
    with dsl.ParallelFor(texts) as text:
        task = parts.write(text=text)
    return lists_of_data(data=dsl.Collected(task.outputs["data"])).output


@dsl.pipeline
def loops_over_data(data: Input[List[Dataset]]) -> List[int]:
    with dsl.ParallelFor(data) as each:
        task = parts.count_letters(data=each)
    return dsl.Collected(task.output)


@runs(given(texts=["abc", "de"]).makes([3, 2]))
def a_loop_over_artifacts_inside(texts: List[str]) -> List[int]:
    with dsl.ParallelFor(texts) as text:
        task = parts.write(text=text)
    return loops_over_data(data=dsl.Collected(task.outputs["data"])).output


@runs(given(x=1).fails("deep down"))
def a_failure_inside(x: int):
    outer = fails(text="deep down")
    steps.add(a=x).after(outer)


@dsl.pipeline
def fails(text: str):
    parts.broken(text=text)
