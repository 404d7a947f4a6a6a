"""What groups need and give reaches them; conditions are expressions of CEL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler.compile import document
from kfp.ir.spec import PipelineSpec
from kfp.ir.validate import validate
from tests.dsl.components import accept, add, nothing


@dsl.component
def rows() -> list[dict[str, int]]:
    return []


@dsl.component
def total(items: list[int]) -> int:
    return sum(items)


Body = Callable[..., Any]


def compiled(body: Body) -> PipelineSpec:
    spec = document(dsl.pipeline(name="p")(body)).spec
    validate(spec)
    return spec


def input_beside_items(s: str, items: list[int]) -> None:
    with dsl.ParallelFor(items) as i, dsl.ParallelFor([2]):
        accept(text=s, maybe=i)


def input_in_a_condition_on_items(s: str, items: list[int]) -> None:
    with dsl.ParallelFor(items) as i, dsl.If(i == 3):
        accept(text=s)


def items_that_nobody_uses(x: int, items: list[int], others: list[str]) -> None:
    with dsl.If(x == 1), dsl.ParallelFor(items), dsl.ParallelFor(others):
        nothing()


def four_levels(s: str, x: int, items: list[int]) -> None:
    with dsl.ExitHandler(nothing()), dsl.If(x == 1), dsl.ParallelFor(items) as i, dsl.If(i == 3):
        nothing()
        with dsl.ParallelFor([1, 2]) as j:
            accept(text=s, maybe=j)


def entries_in_branches() -> None:
    with dsl.ParallelFor([{"a": 1, "b": 2}]) as i:
        with dsl.If(i.a == 1):
            add(a=i.b)
        with dsl.Else():
            add(a=i.a)
        with dsl.If(i.a == i.b):
            accept(table=i)


def entries_in_texts(x: int) -> None:
    with dsl.ParallelFor([{"a": 1, "b": 2}]) as i:
        accept(text=f"{i.a} {i}")
        with dsl.If(x == 1):
            accept(text=f"{i.a}", items=[i.b, {"c": i}])


def setting_from_outside() -> None:
    limit = accept(text="1")
    with dsl.ParallelFor(["1"]) as i, dsl.If(i == "1"):
        nothing().set_cpu_limit(limit.output).set_memory_limit(i)


def collected_artifacts_in_a_group(x: int) -> None:
    with dsl.ParallelFor([1]):
        task = add(a=1)
    with dsl.If(x == 1):
        total(items=dsl.Collected(task.output))
        with dsl.ParallelFor([1]):
            total(items=dsl.Collected(task.output))


def collected_and_looped_over() -> None:
    with dsl.ParallelFor([1]) as i:
        task = add(a=i)
    with dsl.ParallelFor(dsl.Collected(task.output)) as j:
        add(a=j)


@pytest.mark.parametrize(
    "body",
    [
        input_beside_items,
        input_in_a_condition_on_items,
        items_that_nobody_uses,
        four_levels,
        entries_in_branches,
        entries_in_texts,
        setting_from_outside,
        collected_artifacts_in_a_group,
        collected_and_looped_over,
    ],
)
def test_what_a_task_takes_reaches_it_at_any_depth(body: Body) -> None:
    """Upstream writes documents with dangling references for most of these, or fails."""
    compiled(body)


def test_what_follows_branches_is_outside_them() -> None:
    def body(x: int) -> None:
        with dsl.ParallelFor([1]) as i:
            with dsl.If(i == 1):
                nothing()
            with dsl.Elif(i == 2):
                nothing()
        with dsl.If(x == 1):
            nothing()
        with dsl.Elif(x == 2):
            nothing()
        nothing()

    dag = compiled(body).root.dag
    assert dag is not None
    assert sorted(dag.tasks) == ["condition-branches-6", "for-loop-2", "nothing-5"]


def test_items_of_two_loops_over_one_list_stay_apart() -> None:
    def body(items: list[int]) -> None:
        with dsl.ParallelFor(items) as i, dsl.ParallelFor(items) as j:
            add(a=i, b=j)
            accept(text=f"{i} {j}")
            with dsl.If(i == j):
                nothing()

    inner = compiled(body).components["comp-for-loop-2"]
    assert inner.dag is not None
    outer_item, own_item = "pipelinechannel--items-loop-item-2", "pipelinechannel--items-loop-item"
    parameters = inner.dag.tasks["add"].inputs.parameters
    assert parameters["a"].component_input_parameter == outer_item
    assert parameters["b"].component_input_parameter == own_item
    texts = inner.dag.tasks["accept"].inputs.parameters
    assert {texts[name].component_input_parameter for name in (outer_item, own_item)} == {outer_item, own_item}
    trigger = inner.dag.tasks["condition-3"].trigger_policy
    assert trigger is not None
    assert trigger.condition.count("loop-item'") == trigger.condition.count("loop-item-2'") == 1


def value(name: str) -> str:
    return f"inputs.parameter_values['pipelinechannel--{name}']"


CONDITIONS: list[tuple[Callable[[Any, Any, Any, Any], Any], str]] = [
    (lambda x, s, f, flag: x == 1, f"int({value('x')}) == 1"),
    (lambda x, s, f, flag: 1 < x, f"int({value('x')}) > 1"),  # noqa: SIM300 - it turns the operator
    (lambda x, s, f, flag: x >= 1.5, f"double(int({value('x')})) >= 1.5"),
    (lambda x, s, f, flag: x <= f, f"double(int({value('x')})) <= {value('f')}"),
    (lambda x, s, f, flag: f != 1, f"{value('f')} != double(1)"),
    (lambda x, s, f, flag: f == 0.5, f"{value('f')} == 0.5"),
    (lambda x, s, f, flag: flag == True, f"{value('flag')} == true"),  # noqa: E712 - it is a channel
    (lambda x, s, f, flag: s == "a", f"{value('s')} == 'a'"),
    (lambda x, s, f, flag: s == "it's \\ a\nline", f"{value('s')} == 'it\\'s \\\\ a\\nline'"),
    (lambda x, s, f, flag: s == 5, f"{value('s')} == '5'"),
    (lambda x, s, f, flag: s == True, f"{value('s')} == 'true'"),  # noqa: E712 - it is a channel
    (lambda x, s, f, flag: x == "5", f"string(int({value('x')})) == '5'"),
    (lambda x, s, f, flag: flag == "true", f"string({value('flag')}) == 'true'"),
    (lambda x, s, f, flag: s == x, f"{value('s')} == string(int({value('x')}))"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_conditions_are_expressions(condition: Callable[..., Any], expected: str) -> None:
    def body(x: int, s: str, f: float, flag: bool) -> None:
        with dsl.If(condition(x, s, f, flag)):
            nothing()

    dag = compiled(body).root.dag
    assert dag is not None
    trigger = dag.tasks["condition-1"].trigger_policy
    assert trigger is not None
    assert trigger.condition == expected


def test_groups_grow_linearly() -> None:
    def inputs(blocks: int) -> int:
        def body(x: int, items: list[int]) -> None:
            for _ in range(blocks):
                with dsl.ParallelFor(items) as i, dsl.If(i == x), dsl.ParallelFor([1]) as j:
                    add(a=add(a=j, b=x).output)

        spec = compiled(body)
        return sum(len(component.input_definitions.parameters) for component in spec.components.values())

    assert inputs(40) == 10 * inputs(4)


def test_groups_are_named_before_those_of_pipelines_beside_them() -> None:
    @dsl.pipeline
    def inner(n: int) -> None:
        with dsl.If(n > 3):
            add(a=n)

    @dsl.pipeline
    def outer(n: int) -> None:
        inner(n=n)
        with dsl.If(n > 4):
            add(a=n)

    spec = document(outer).spec
    assert spec.root.dag is not None
    assert spec.root.dag.tasks["condition-1"].component_ref.name == "comp-condition-1"
    inside = spec.components["comp-inner"].dag
    assert inside is not None
    assert inside.tasks["condition-1"].component_ref.name == "comp-condition-1-2"


def test_components_of_pipelines_inside_keep_the_names_that_are_free() -> None:
    @dsl.pipeline
    def inner() -> None:
        for _ in range(3):
            nothing()

    @dsl.pipeline
    def outer() -> None:
        nothing()
        inner()

    inside = document(outer).spec.components["comp-inner"].dag
    assert inside is not None
    names = {name: task.component_ref.name for name, task in inside.tasks.items()}
    assert names == {"nothing": "comp-nothing-4", "nothing-2": "comp-nothing-2", "nothing-3": "comp-nothing-3"}
