"""dsl.Collected: what the iterations of loops have made, in lists, at any depth."""

from typing import List, NamedTuple

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, given, runs
from kfp import dsl
from kfp.dsl import Dataset


@runs(given().makes("[[[111, 211], [121, 221]], [[112, 212], [122, 222]]]"))
def from_three_levels() -> str:
    with dsl.ParallelFor([1, 2]) as one:
        with dsl.ParallelFor([10, 20]) as ten:
            with dsl.ParallelFor([100, 200]) as hundred:
                both = steps.add(a=one, b=ten)
                task = steps.add(a=both.output, b=hundred)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes([3, 5]))
def the_inner_loop_inside_of_the_outer_one() -> List[int]:
    with dsl.ParallelFor([1, 2]) as one:
        with dsl.ParallelFor([1, 1]) as factor:
            inner = steps.add(a=one, b=factor)
        outer = steps.total(values=dsl.Collected(inner.output))
        half = steps.add(a=outer.output, b=0)
        last = parts.show_int(value=half.output)
        last.set_display_name("shown")
        minus = steps.add(a=half.output, b=-1)
    return dsl.Collected(minus.output)


@runs(given().makes(numbers=[2, 3], texts=["1", "2"]))
def several_outputs_of_the_pipeline() -> NamedTuple("Outputs", [("numbers", List[int]), ("texts", List[str])]):
    outputs = NamedTuple("Outputs", [("numbers", List[int]), ("texts", List[str])])
    with dsl.ParallelFor([1, 2]) as item:
        number = steps.add(a=item)
        text = parts.show_int(value=item)
    return outputs(dsl.Collected(number.output), dsl.Collected(text.output))


@runs(
    given(texts=["ab", "", "c"]).makes(
        [
            Art("system.Dataset", "ab", {"length": 2}),
            Art("system.Dataset", "", {"length": 0}),
            Art("system.Dataset", "c", {"length": 1}),
        ]
    ),
    given(texts=[]).makes([]),
)
def artifacts_as_the_output_of_the_pipeline(texts: List[str]) -> List[Dataset]:
    with dsl.ParallelFor(texts) as text:
        task = parts.write(text=text)
    return dsl.Collected(task.outputs["data"])


@runs(given().makes("a1,a2,b1,b2"))
def artifacts_of_nested_loops_come_in_one_list() -> str:
    with dsl.ParallelFor(["a", "b"]) as letter:
        with dsl.ParallelFor(["1", "2"], parallelism=1) as digit:
            text = parts.concat(a=letter, b=digit)
            task = parts.write(text=text.output)
    return parts.read_all(data=dsl.Collected(task.outputs["data"])).output


@runs(given().makes("[{'a': 1, 'b': [2]}, {'a': 1, 'b': [2]}]"))
def mappings_with_integers() -> str:
    with dsl.ParallelFor([1, 2]):
        task = parts.mixed()
    return parts.show_list(value=dsl.Collected(task.outputs["table"])).output


@runs(given().makes("[True, False]"))
def booleans() -> str:
    with dsl.ParallelFor([False, True]) as item:
        task = steps.check(flag=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes("[[1, 2, 3], [1, 2, 3]]"))
def lists() -> str:
    with dsl.ParallelFor(["a", "b"]):
        task = steps.numbers()
    return parts.show_list(value=dsl.Collected(task.output)).output


@dsl.pipeline
def plus_ones(items: List[int]) -> List[int]:
    with dsl.ParallelFor(items) as item:
        task = steps.add(a=item)
    return dsl.Collected(task.output)


@runs(given(items=[1, 2, 3]).makes(9))
def in_a_nested_pipeline(items: List[int]) -> int:
    return steps.total(values=plus_ones(items=items).output).output


@runs(given().makes("[[2], [2, 3]]"))
def a_nested_pipeline_in_a_loop() -> str:
    with dsl.ParallelFor([[1], [1, 2]]) as items:
        task = plus_ones(items=items)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes("[['a1', 'a2'], ['b1', 'b2']]"))
def lists_for_a_component_that_says_texts() -> str:
    with dsl.ParallelFor(["a", "b"]) as letter:
        with dsl.ParallelFor(["1", "2"]) as digit:
            task = parts.concat(a=letter, b=digit)
    return show_texts(value=dsl.Collected(task.output)).output


@dsl.component
def show_texts(value: List[str]) -> str:
    return repr(value)


@runs(given().makes(["2.5", "3.0"]))
def into_a_loop_again() -> List[str]:
    with dsl.ParallelFor([1.25, 1.5]) as item:
        doubled = steps.double(number=item)
    again = collect_floats(values=dsl.Collected(doubled.output))
    with dsl.ParallelFor(again.output) as number:
        shown = parts.show_float(value=number)
    return dsl.Collected(shown.output)


@dsl.component
def collect_floats(values: List[float]) -> List[float]:
    return values
