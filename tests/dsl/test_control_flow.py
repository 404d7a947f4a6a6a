"""What control flow refuses, where the pipeline is decorated, with file and line; and what it means."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kfp import dsl
from kfp.dsl.topology import waits
from kfp.errors import (
    ArgumentTypeError,
    AuthoringError,
    InconsistentTypeException,
    InvalidControlFlowException,
    InvalidTopologyException,
)
from tests.dsl.components import accept, add, make, nothing, two, use, use_model


@dsl.component
def numbers() -> list[int]:
    return [1]


@dsl.component
def total(items: list[int]) -> int:
    return sum(items)


@dsl.component
def use_all(data: dsl.Input[list[dsl.Dataset]]) -> None:
    pass


@dsl.component
def make_model(model: dsl.Output[dsl.Model]) -> None:
    pass


@dsl.component
def report(status: dsl.PipelineTaskFinalStatus) -> None:
    pass


class Inputs(NamedTuple):
    """What the bodies below take."""

    x: Any
    s: Any
    flag: Any
    items: Any
    rows: Any
    data: Any


Body = Callable[[Inputs], Any]


def build(body: Body, returns: Any = None) -> Any:
    def pipeline(
        data: dsl.Input[dsl.Dataset],
        x: int = 1,
        s: str = "",
        flag: bool = True,
        items: list[int] = [],  # noqa: B006 - how users write
        rows: list[dict[str, int]] = [],  # noqa: B006
    ) -> Any:
        returned = body(Inputs(x, s, flag, items, rows, data))
        return None if returns is None else returned

    pipeline.__annotations__["return"] = returns
    return dsl.pipeline(name="p")(pipeline)


def output_of_a_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = add(a=1)
    add(a=task.output)


def output_of_a_loop(p: Inputs) -> None:
    with dsl.ParallelFor(p.items) as item:
        task = add(a=item)
    add(a=task.output)


def output_of_another_branch(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = add(a=1)
    with dsl.Else():
        add(a=task.output)


def output_of_an_exit_handler(p: Inputs) -> None:
    with dsl.ExitHandler(nothing()):
        task = add(a=1)
    add(a=task.output)


def output_in_a_text(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = add(a=1)
    accept(text=f"{task.output}")


def output_in_a_setting(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = accept(text="1")
    nothing().set_cpu_limit(task.output)


def output_in_a_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = add(a=1)
    with dsl.If(task.output == 1):
        nothing()


def item_outside_its_loop(p: Inputs) -> None:
    with dsl.ParallelFor(p.items) as item:
        nothing()
    add(a=item)


def entry_outside_its_loop(p: Inputs) -> None:
    with dsl.ParallelFor(p.rows) as item:
        nothing()
    add(a=item.key)


def one_of_outside_its_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        with dsl.If(p.x == 2):
            first = add(a=1)
        with dsl.Else():
            second = add(a=2)
        chosen = dsl.OneOf(first.output, second.output)
    add(a=chosen)


def after_a_task_in_a_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        task = nothing()
    nothing().after(task)


def after_a_task_in_a_loop_in_a_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1), dsl.ParallelFor([1]):
        task = nothing()
    nothing().after(task)


def after_its_own_handler(p: Inputs) -> None:
    with dsl.ExitHandler(nothing()) as handler:
        nothing().after(handler)


def circle(p: Inputs) -> None:
    first = add(a=1)
    first.after(add(a=first.output))


def circle_of_groups(p: Inputs) -> None:
    first = add(a=1)
    with dsl.ParallelFor([1]):
        inner = add(a=first.output)
    second = nothing().after(inner)
    first.after(second)


def collected_without_a_loop(p: Inputs) -> None:
    total(items=dsl.Collected(add(a=1).output))


def collected_in_its_own_loop(p: Inputs) -> None:
    with dsl.ParallelFor([1]):
        total(items=dsl.Collected(add(a=1).output))


def collected_from_a_loop_in_a_condition(p: Inputs) -> None:
    with dsl.If(p.x == 1), dsl.ParallelFor([1]):
        task = add(a=1)
    total(items=dsl.Collected(task.output))


def two_before_a_status(p: Inputs) -> None:
    report().after(nothing(), nothing()).ignore_upstream_failure()


def none_before_a_status(p: Inputs) -> None:
    report().ignore_upstream_failure()


HERE = r"test_control_flow\.py:\d+: "
TOPOLOGY: list[tuple[Body, str]] = [
    (
        output_of_a_condition,
        HERE + r"task 'add-2' takes the output 'Output' of task 'add' from outside dsl\.If \(at .*\)",
    ),
    (output_of_a_condition, r"hint: call it in the same block, or .* dsl\.OneOf"),
    (output_of_a_loop, r"from outside dsl\.ParallelFor .*\n.*dsl\.Collected"),
    (output_of_another_branch, r"task 'add-2' takes .* from outside dsl\.If"),
    (output_of_an_exit_handler, r"from outside dsl\.ExitHandler"),
    (output_in_a_text, r"task 'accept' takes the output 'Output' of task 'add' from outside dsl\.If"),
    (output_in_a_setting, r"task 'nothing' takes the output 'Output' of task 'accept' from outside dsl\.If"),
    (output_in_a_condition, HERE + r"dsl\.If takes the output 'Output' of task 'add'"),
    (item_outside_its_loop, r"takes the item of the dsl\.ParallelFor at .* from outside dsl\.ParallelFor"),
    (entry_outside_its_loop, r"takes the entry 'key' of the item of the dsl\.ParallelFor"),
    (one_of_outside_its_condition, r"takes the dsl\.OneOf of the dsl\.If at .* from outside dsl\.If"),
    (after_a_task_in_a_condition, r"task 'nothing-2' runs after task 'nothing', which stands in dsl\.If"),
    (after_a_task_in_a_loop_in_a_condition, r"which stands in dsl\.If"),
    (after_its_own_handler, r"cannot run after dsl\.ExitHandler, which it is in"),
    (circle, HERE + r"tasks wait for each other in a circle: 'add' after 'add-2' after 'add'"),
    (circle_of_groups, r"'add' after 'nothing' after 'for-loop-2' after 'add'"),
    (collected_without_a_loop, r"no dsl\.ParallelFor around that task"),
    (collected_in_its_own_loop, r"no dsl\.ParallelFor around that task that is not around both"),
    (collected_from_a_loop_in_a_condition, r"whose loop stands in dsl\.If"),
    (two_before_a_status, r"waits for 'nothing', 'nothing-2'"),
    (none_before_a_status, r"waits for none"),
]


@pytest.mark.parametrize(("body", "message"), TOPOLOGY)
def test_what_cannot_be_reached_is_refused(body: Body, message: str) -> None:
    with pytest.raises(InvalidTopologyException, match=message):
        build(body)


def returns_from_a_condition(p: Inputs) -> Any:
    with dsl.If(p.x == 1):
        return add(a=1).output


def returns_from_a_loop(p: Inputs) -> Any:
    with dsl.ParallelFor([1]):
        return add(a=1).output


@pytest.mark.parametrize("body", [returns_from_a_condition, returns_from_a_loop])
def test_outputs_of_groups_are_not_returned(body: Body) -> None:
    with pytest.raises(InvalidTopologyException, match="'p' returns the output 'Output' of task 'add' from inside"):
        build(body, int)


@pytest.mark.parametrize("returns", [None, int, str, dsl.Artifact])
@pytest.mark.parametrize("outside", [True, False])
def test_one_of_branches_that_are_inside_a_group_is_not_returned(returns: Any, outside: bool) -> None:
    def p(x: int, flag: bool) -> Any:
        with dsl.If(x == 1):
            with dsl.If(flag == True):  # noqa: E712 - a comparison of a channel
                left = add(a=1)
            with dsl.Else():
                right = add(a=2)
            if not outside:
                return dsl.OneOf(left.output, right.output)
        return dsl.OneOf(left.output, right.output)

    p.__annotations__["return"] = returns
    with pytest.raises(InvalidTopologyException, match=r"'p' returns the dsl.OneOf .* from inside dsl.If"):
        dsl.pipeline(p)


def else_first(p: Inputs) -> None:
    with dsl.Else():
        nothing()


def elif_first(p: Inputs) -> None:
    with dsl.Elif(p.x == 1):
        nothing()


def else_after_else(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        nothing()
    with dsl.Else():
        nothing()
    with dsl.Else():
        nothing()


def else_after_a_loop(p: Inputs) -> None:
    with dsl.If(p.x == 1):
        nothing()
    with dsl.ParallelFor([1]):
        nothing()
    with dsl.Else():
        nothing()


@pytest.mark.parametrize("body", [else_first, elif_first, else_after_else, else_after_a_loop])
def test_branches_belong_to_an_if(body: Body) -> None:
    with pytest.raises(InvalidControlFlowException, match=HERE + r"dsl\.El(se|if) follows (no|a) dsl\."):
        build(body)


CONDITIONS: list[tuple[Callable[[Inputs], Any], str]] = [
    (lambda p: True, "is the constant True"),
    (lambda p: p.flag, r"is the pipeline's input 'flag', which is not a comparison\n.*== True"),
    (lambda p: 3, "is 3, which is not a comparison"),
    (lambda p: p.items == 1, r"compares the pipeline's input 'items', which is a list"),
    (lambda p: p.data == "a", "which is an artifact system.Dataset"),
    (lambda p: p.s == None, "compares with None"),  # noqa: E711 - what users try
    (lambda p: p.x == [1], r"compares with \[1\]"),
    (lambda p: p.flag == 1, r"compares a bool with a number: `the pipeline's input 'flag' == 1`"),
    (lambda p: p.x == p.flag, "compares a bool with a number"),
    (lambda p: p.flag == "True", "compares a bool with a text that is neither 'true' nor 'false'"),
    (lambda p: p.s == f"{p.x}", "compares with a text that holds a value"),
]


@pytest.mark.parametrize(("condition", "message"), CONDITIONS)
def test_conditions_are_comparisons_that_can_be_decided(condition: Body, message: str) -> None:
    def body(p: Inputs) -> None:
        with dsl.If(condition(p)):
            nothing()

    with pytest.raises(AuthoringError, match=message):
        build(body)


TRUTHS: list[Body] = [
    lambda p: (p.x > 1) and (p.x < 5),
    lambda p: 1 < p.x < 5,
    lambda p: not (p.x == 1),  # noqa: SIM201 - it is what users try
    lambda p: (p.x > 1) or (p.x < 0),
]


@pytest.mark.parametrize("condition", TRUTHS)
def test_comparisons_have_no_truth(condition: Body) -> None:
    def body(p: Inputs) -> None:
        with dsl.If(condition(p)):
            nothing()

    with pytest.raises(AuthoringError, match=HERE + r"the comparison `the pipeline's input 'x' .*\nhint: nest one"):
        build(body)


def test_a_comparisons_truth_in_an_installed_package_is_a_warning(tmp_path: Path) -> None:
    module = tmp_path / "site-packages" / "released.py"
    module.parent.mkdir()
    module.write_text("def both(a, b):\n    return a and b\n")
    namespace: dict[str, Any] = {}
    exec(compile(module.read_text(), str(module), "exec"), namespace)  # noqa: S102 - as an import does

    @dsl.pipeline
    def p(x: int) -> None:
        with pytest.warns(UserWarning, match="is decided while the pipeline is built") as caught:
            second = namespace["both"](x == 1, x == 2)
        assert (caught[0].filename, caught[0].lineno) == (str(module), 2)
        assert repr(second) == "the pipeline's input 'x' == 2"
        with dsl.If(second):
            add(a=1)

    assert p.name == "p"


LOOPS: list[tuple[Callable[[Inputs], Any], dict[str, Any], str]] = [
    (lambda p: [], {}, "are an empty list"),
    (lambda p: [1], {"parallelism": -1}, "parallelism of dsl.ParallelFor is -1"),
    (lambda p: "abc", {}, "are 'abc'"),
    (lambda p: p.s, {}, "takes a list, not the pipeline's input 's', which is text"),
    (lambda p: p.data, {}, "takes a list, not the pipeline's input 'data', which is an artifact"),
    (lambda p: [p.x], {}, "hold values that exist only when the pipeline runs"),
    (lambda p: [f"{p.x}"], {}, "hold values that exist only when the pipeline runs"),
    (lambda p: [{"a-b": 1}], {}, "hold a dict with the key 'a-b'"),
    (lambda p: [None], {}, "hold None"),
]


@pytest.mark.parametrize(("items", "options", "message"), LOOPS)
def test_loops_are_over_lists(items: Body, options: dict[str, Any], message: str) -> None:
    def body(p: Inputs) -> None:
        with dsl.ParallelFor(items(p), **options):
            nothing()

    with pytest.raises(AuthoringError, match=HERE + ".*" + message):
        build(body)


def branches(p: Inputs) -> tuple[Any, Any, Any, Any]:
    with dsl.If(p.x == 1):
        first = two(a=1)
        data = make()
    with dsl.Else():
        second = add(a=1)
        model = make_model()
    return first, second, data, model


def picked(p: Inputs, *names: tuple[int, str]) -> list[Any]:
    tasks = branches(p)
    return [tasks[position].outputs[name] for position, name in names]


ONE_OFS: list[tuple[Body, type[Exception], str]] = [
    (lambda p: dsl.OneOf(), AuthoringError, "is given nothing"),
    (lambda p: dsl.OneOf(p.x), AuthoringError, "is given the pipeline's input 'x'"),
    (lambda p: dsl.OneOf(add(a=1).output), AuthoringError, "not of a task directly in a branch of an If with an Else"),
    (lambda p: dsl.OneOf(branches(p)[1].output, 3), ArgumentTypeError, "is given 3"),
    (
        lambda p: dsl.OneOf(*picked(p, (0, "text"), (1, "Output"))),
        ArgumentTypeError,
        "outputs of different types: the output 'text' of task 'two' is text",
    ),
    (
        lambda p: dsl.OneOf(*picked(p, (2, "data"), (3, "model"))),
        ArgumentTypeError,
        "different types",
    ),
    (
        lambda p: dsl.OneOf(*picked(p, (0, "number"), (2, "data"))),
        ArgumentTypeError,
        "different types",
    ),
    (lambda p: dsl.OneOf(branches(p)[1].output, branches(p)[1].output), AuthoringError, "two different dsl.If"),
    (lambda p: dsl.OneOf(dsl.OneOf(branches(p)[1].output)), AuthoringError, "another dsl.OneOf"),
]


@pytest.mark.parametrize(("body", "error", "message"), ONE_OFS)
def test_one_of_takes_outputs_of_branches(body: Body, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=HERE + r"dsl\.OneOf.*" + message):
        build(body)


def test_one_of_needs_an_else() -> None:
    def body(p: Inputs) -> None:
        with dsl.If(p.x == 1):
            first = add(a=1)
        with dsl.Elif(p.x == 2):
            second = add(a=1)
        dsl.OneOf(first.output, second.output)

    with pytest.raises(AuthoringError, match=r"without a dsl\.Else, so that it might have no value"):
        build(body)


COLLECTED: list[tuple[Body, type[Exception], str]] = [
    (lambda p: dsl.Collected(p.x), AuthoringError, "is given the pipeline's input 'x'"),
    (lambda p: dsl.Collected(3), ArgumentTypeError, "is given 3"),  # type: ignore[arg-type]
    (lambda p: dsl.Collected(dsl.Collected(add(a=1).output)), AuthoringError, "is given the dsl.Collected of"),
    (lambda p: dsl.Collected(dsl.OneOf(branches(p)[1].output)), AuthoringError, "is given a dsl.OneOf"),
    (lambda p: f"{dsl.Collected(add(a=1).output)}", AuthoringError, "cannot be written into a text"),
]


@pytest.mark.parametrize(("body", "error", "message"), COLLECTED)
def test_collected_takes_outputs_of_tasks(body: Body, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build(body)


def test_what_is_collected_is_a_list() -> None:
    def text(p: Inputs) -> None:
        with dsl.ParallelFor([1]):
            task = accept()
        accept(text=dsl.Collected(task.output))

    def models(p: Inputs) -> None:
        with dsl.ParallelFor([1]):
            task = make_model()
        use_all(data=dsl.Collected(task.outputs["model"]))

    def one(p: Inputs) -> None:
        with dsl.ParallelFor([1]):
            task = make()
        use(data=dsl.Collected(task.outputs["data"]))

    for body in (text, models, one):
        with pytest.raises(InconsistentTypeException, match="list"):
            build(body)


def exit_of_a_number(p: Inputs) -> None:
    with dsl.ExitHandler(3):  # type: ignore[arg-type]
        nothing()


def exit_that_depends(p: Inputs) -> None:
    with dsl.ExitHandler(add(a=add(a=1).output)):
        nothing()


def exit_that_runs_after(p: Inputs) -> None:
    with dsl.ExitHandler(nothing().after(nothing())):
        nothing()


def exit_of_two(p: Inputs) -> None:
    task = nothing()
    for _ in range(2):
        with dsl.ExitHandler(task):
            nothing()


def exit_in_a_condition(p: Inputs) -> None:
    task = nothing()
    with dsl.If(p.x == 1), dsl.ExitHandler(task):
        nothing()


def exit_in_an_exit(p: Inputs) -> None:
    first, second = nothing(), nothing()
    with dsl.ExitHandler(first), dsl.ExitHandler(second):
        nothing()


EXITS: list[tuple[Body, str]] = [
    (exit_of_a_number, "the exit task of dsl.ExitHandler is 3"),
    (exit_that_depends, "task 'add-2' cannot be the exit task: it depends on other tasks"),
    (exit_that_runs_after, "it depends on other tasks"),
    (exit_of_two, "it is that of another dsl.ExitHandler"),
    (exit_in_a_condition, r"dsl\.ExitHandler stands in dsl\.If \(at .*test_control_flow\.py:\d+\)"),
    (exit_in_an_exit, r"dsl\.ExitHandler stands in dsl\.ExitHandler"),
]


@pytest.mark.parametrize(("body", "message"), EXITS)
def test_exit_handlers_stand_at_the_top_with_a_task_of_their_own(body: Body, message: str) -> None:
    with pytest.raises(AuthoringError, match=HERE + ".*" + message):
        build(body)


def test_tasks_run_after_tasks_and_exit_handlers() -> None:
    def body(p: Inputs) -> None:
        with dsl.ParallelFor([1]), dsl.If(p.x == 1) as group:
            nothing()
        nothing().after(group)

    with pytest.raises(
        AuthoringError, match=r"after\(\) of task 'nothing-2' takes tasks and dsl.ExitHandler, not dsl.If"
    ):
        build(body)


def test_a_final_status_is_for_exit_tasks() -> None:
    with pytest.raises(AuthoringError, match="takes the final status of a task in 'status', but is no exit task"):
        build(lambda p: report())


def test_failures_are_ignored_only_with_defaults() -> None:
    with pytest.raises(
        AuthoringError, match="its input 'a' takes the output 'Output' of task 'add' and has no default"
    ):
        build(lambda p: add(a=add(a=1).output).ignore_upstream_failure())
    with pytest.raises(AuthoringError, match="its input 'data' takes"):
        build(lambda p: use(data=make().outputs["data"]).ignore_upstream_failure())
    build(lambda p: add(a=1, b=add(a=1).output).ignore_upstream_failure())


def test_entries_of_constants_have_the_type_of_their_values() -> None:
    def body(p: Inputs) -> None:
        with dsl.ParallelFor([{"type": "a", "name": 1, "items": [1], "title": {"b": 1}}]) as item:
            accept(text=item.type, maybe=item.name, items=item.items, table=item.title)
            accept(text=f"{item.type} {item.name}")
            accept(text=item.name)  # KFP takes every entry for what the first one is
            with pytest.raises(InconsistentTypeException, match="takes a list"):
                accept(text="x", items=item.name)
            with pytest.raises(AttributeError, match="has an entry 'c'"):
                accept(text=item.c)
            with dsl.ParallelFor(item.items) as inner:
                add(a=inner)

    build(body)


def test_items_have_the_type_of_the_list() -> None:
    def body(p: Inputs) -> None:
        with dsl.ParallelFor(numbers().output) as item:
            add(a=item)
            with pytest.raises(InconsistentTypeException):
                accept(text=item)
        with dsl.ParallelFor(p.rows) as item:
            add(a=item.key)
            accept(table=item)
            with pytest.raises(InconsistentTypeException):
                accept(text=item.key)
        with pytest.raises(InconsistentTypeException), dsl.ParallelFor([1]) as number:
            use_model(model=number)

    build(body)


def test_blocks_stand_in_pipelines_and_are_entered_once() -> None:
    with pytest.raises(AuthoringError, match=HERE + r"dsl\.ParallelFor stands outside a pipeline function"):
        dsl.ParallelFor([1])

    def body(p: Inputs) -> None:
        block = dsl.If(p.x == 1)
        for _ in range(2):
            with block:
                nothing()

    with pytest.raises(AuthoringError, match=r"dsl\.If is entered twice"):
        build(body)


def test_condition_is_deprecated() -> None:
    def body(p: Inputs) -> None:
        with dsl.Condition(p.x == 1, "named"):
            nothing()

    with pytest.warns(DeprecationWarning, match=r"dsl\.Condition is deprecated. Please use dsl\.If instead"):
        build(body)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build(lambda p: (dsl.If(p.x == 1), nothing()))


def test_an_error_in_a_block_closes_it() -> None:
    def body(p: Inputs) -> None:
        with pytest.raises(RuntimeError), dsl.If(p.x == 1):
            raise RuntimeError
        nothing()

    assert [task.parent.parent for task in build(body).pipeline.tasks.values()] == [None]


def test_tasks_wait_for_their_neighbours() -> None:
    def body(p: Inputs) -> None:
        first = add(a=1)
        with dsl.ParallelFor([1]):
            with dsl.If(p.x == 1):
                second = add(a=first.output)
            with dsl.ParallelFor([2]):
                add(a=1).after(first)
        nothing().after(second)

    pipeline = build(body).pipeline
    assert waits(pipeline) == {
        "add": set(),
        "for-loop-2": {"add"},
        "condition-3": set(),
        "add-2": set(),
        "for-loop-5": set(),
        "add-3": set(),
        "nothing": {"for-loop-2"},
    }


def test_groups_and_tasks_share_no_name() -> None:
    named = dsl.component(add.python_func)
    named.interface = named.interface._replace(name="condition-1")

    def body(p: Inputs) -> None:
        named(a=1)
        with dsl.If(p.x == 1):
            nothing()

    assert sorted(waits(build(body).pipeline)) == ["condition-1", "condition-2", "nothing"]


def test_control_flow_loads_nothing_else() -> None:
    program = (
        "import sys; from kfp import dsl; dsl.If, dsl.ParallelFor, dsl.Collected, dsl.OneOf, dsl.ExitHandler;"
        "print({'msgspec', 'yaml', 'inspect', 'typing_extensions', 'asyncio'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_what_a_loops_item_is_not_is_said() -> None:
    with pytest.raises(
        AttributeError, match=r"test_control_flow.py:\d+: the entry 'a' of the item .* has no parts"
    ) as told:

        @dsl.pipeline
        def parts() -> None:
            with dsl.ParallelFor([{"a": {"b": 1}}]) as item:
                add(a=item.a.b, b=1)

    assert "take the part there" in str(told.value)
    with pytest.raises(AuthoringError, match=r"returns the item of the dsl.ParallelFor at .* as its output 'Output'"):

        @dsl.pipeline
        def returned() -> int:
            with dsl.ParallelFor([1, 2]) as item:
                add(a=item, b=1)
            return item
