"""ParallelFor: over constants, parameters, outputs, artifacts, nested, limited."""

from typing import List

from conformance import steps
from conformance.running import parts
from conformance.running.case import given, runs
from kfp import dsl


@runs(given().makes("[2, 3, 4]"))
def constant_integers() -> str:
    with dsl.ParallelFor([1, 2, 3]) as item:
        task = steps.add(a=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes("['A', 'IT\\'S', 'SAY \"X\"', '', '世界']".replace("IT\\'S", "IT'S").replace("'IT'S'", '"IT\'S"')))
def constant_texts() -> str:
    with dsl.ParallelFor(["a", "it's", 'say "x"', "", "世界"]) as item:
        task = parts.upper(text=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes("[1.0, 0.5, -4.0]"))
def constant_floats() -> str:
    with dsl.ParallelFor([0.5, 0.25, -2.0]) as item:
        task = steps.double(number=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes([11, 12]))
def constant_mappings_and_their_members() -> List[int]:
    with dsl.ParallelFor([{"size": 1, "word": "x"}, {"size": 2, "word": "y"}]) as row:
        task = steps.add(a=row.size, b=10)
    return dsl.Collected(task.output)


@runs(given().makes(["x1", "y2.5", "ztrue"]))
def members_that_upstream_takes_for_text() -> List[str]:
    with dsl.ParallelFor([{"word": "x", "size": 1}, {"word": "y", "size": 2.5}, {"word": "z", "size": True}]) as row:
        task = parts.concat(a=row.word, b=row.size)
    return dsl.Collected(task.output)


@runs(given().makes("[\"{'a': 1, 'b': [2, 3]}\", '{}']"))
def whole_mappings() -> str:
    with dsl.ParallelFor([{"a": 1, "b": [2, 3]}, {}]) as row:
        task = parts.show_dict(value=row)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(
    given(items=[10, 20]).makes([11, 21]),
    given(items=[]).makes([]),
    given(items=list(range(12))).makes(list(range(1, 13))),
)
def a_parameter(items: List[int]) -> List[int]:
    with dsl.ParallelFor(items) as item:
        task = steps.add(a=item)
    return dsl.Collected(task.output)


@runs(given().makes(["p", "q"]), given(items=["z"]).makes(["z"]))
def a_default(items: List[str] = ["p", "q"]) -> List[str]:
    with dsl.ParallelFor(items) as item:
        task = steps.say(text=item)
    return dsl.Collected(task.output)


@runs(given().makes(9))
def the_output_of_a_task() -> int:
    with dsl.ParallelFor(steps.numbers().output) as item:
        task = steps.add(a=item)
    return steps.total(values=dsl.Collected(task.output)).output


@runs(given().makes([101, 102, 103]))
def a_named_output() -> List[int]:
    with dsl.ParallelFor(parts.mixed().outputs["items"]) as item:
        task = steps.add(a=item, b=100)
    return dsl.Collected(task.output)


@runs(given(rows=[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]).makes(["1x", "2y"]))
def members_of_a_parameters_items(rows: List[dict]) -> List[str]:
    with dsl.ParallelFor(rows) as row:
        task = parts.concat(a=parts.show_int(value=row.a).output, b=row.b)
    return dsl.Collected(task.output)


@runs(given().makes([3]))
def members_of_an_outputs_items() -> List[int]:
    with dsl.ParallelFor(steps.rows().output) as row:
        task = steps.add(a=row.a, b=row.b)
    return dsl.Collected(task.output)


@runs(given().makes("[[11, 21], [12, 22]]"))
def nested_constants() -> str:
    with dsl.ParallelFor([1, 2]) as one:
        with dsl.ParallelFor([10, 20]) as ten:
            task = steps.add(a=one, b=ten)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given(rows=[[1, 2], [], [3]]).makes("[[1, 2], [], [3]]"))
def a_list_of_lists(rows: List[List[int]]) -> str:
    with dsl.ParallelFor(rows) as row:
        with dsl.ParallelFor(row) as item:
            task = steps.add(a=item, b=0)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given(rows=[{"n": 5, "many": [1, 2]}, {"n": 7, "many": [3]}]).makes("[[6, 7], [10]]"))
def a_list_inside_of_an_item(rows: List[dict]) -> str:
    with dsl.ParallelFor(rows) as row:
        with dsl.ParallelFor(row.many) as item:
            task = steps.add(a=item, b=row.n)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes("[[2, 3, 4], [2, 3, 4]]"))
def an_output_made_inside_of_a_loop() -> str:
    with dsl.ParallelFor(["a", "b"]):
        with dsl.ParallelFor(steps.numbers().output) as item:
            task = steps.add(a=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().makes([3, 4, 5, 6, 7]))
def one_after_another() -> List[int]:
    with dsl.ParallelFor([1, 2, 3, 4, 5], parallelism=1) as item:
        task = steps.add(a=steps.add(a=item).output)
    return dsl.Collected(task.output)


@runs(given().makes(["1", "2", "3", "4"]))
def two_at_a_time_with_a_name() -> List[str]:
    with dsl.ParallelFor([1, 2, 3, 4], name="pairs", parallelism=2) as item:
        task = parts.show_int(value=item)
    return dsl.Collected(task.output)


@runs(
    given(texts=["ab", "c"])
    .makes(
        "ab,c",
    )
    .within("for-loop-2/0/read", "ab")
    .within("for-loop-2/1/read", "c"),
    only="upstream loops over no dsl.Collected",
)
def the_artifacts_of_a_loop(texts: List[str]) -> str:
    with dsl.ParallelFor(texts) as text:
        made = parts.write(text=text)
    with dsl.ParallelFor(dsl.Collected(made.outputs["data"])) as data:
        parts.read(data=data)
    return parts.read_all(data=dsl.Collected(made.outputs["data"])).output


@runs(given().makes("['True', 'False']"))
def constant_booleans() -> str:
    with dsl.ParallelFor([True, False]) as item:
        task = parts.show_bool(value=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given().within("for-loop-2/0/say", "same").within("for-loop-2/2/say", "same"))
def an_item_that_nothing_uses():
    with dsl.ParallelFor([1, 2, 3]):
        steps.say(text="same")


@runs(given(items=[1, 2]).makes(5))
def what_waits_for_a_loop(items: List[int]) -> int:
    with dsl.ParallelFor(items) as item:
        task = steps.add(a=item)
    return steps.add(a=4).after(task).output


@runs(given(items=["x", "boom", "y"]).fails("boom"))
def one_iteration_fails(items: List[str]):
    with dsl.ParallelFor(items) as item:
        with dsl.If(item == "boom"):
            parts.broken(text=item)


@runs(given(x=5).makes([6, 7]))
def a_constant_and_a_parameter_together(x: int) -> List[int]:
    with dsl.ParallelFor([1, 2]) as item:
        task = steps.add(a=x, b=item)
    return dsl.Collected(task.output)


@runs(given(rows=[[1, 2], [3, 4], [5, 6]]).makes("[[2, 3], [4, 5], [6, 7]]"))
def nested_with_limits(rows: List[List[int]]) -> str:
    with dsl.ParallelFor(rows, parallelism=2) as row:
        with dsl.ParallelFor(row, parallelism=1) as item:
            task = steps.add(a=item)
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given(count=40).makes(780))
def forty_iterations(count: int) -> int:
    with dsl.ParallelFor(counts(count=count).output) as item:
        task = steps.add(a=item, b=0)
    return steps.total(values=dsl.Collected(task.output)).output


@dsl.component
def counts(count: int) -> List[int]:
    return list(range(count))


@runs(given(x=True).makes(["a", "b"]), given(x=False).makes(["none"]))
def a_loop_in_a_branch_with_collected_items(x: bool) -> List[str]:
    with dsl.If(x == True):  # noqa: E712
        with dsl.ParallelFor(["a", "b"]) as item:
            said = steps.say(text=item)
        one = same(values=dsl.Collected(said.output))
    with dsl.Else():
        other = same(values=["none"])
    return same(values=dsl.OneOf(one.output, other.output)).output


@dsl.component
def same(values: List[str]) -> List[str]:
    return values
