from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kfp
from kfp import dsl
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.execution import HOOK
from kfp.dsl.graph_component import GraphComponent
from kfp.errors import ArgumentTypeError, AuthoringError, RunError
from tests.dsl.components import accept, add, make, nothing, two, use, use_any, use_model

Body = Callable[..., Any]


def build(body: Body) -> GraphComponent:
    """Run a body inside a pipeline with inputs of several types."""

    @dsl.pipeline(name="p")
    def pipeline(x: int, s: str, items: list, data: dsl.Input[dsl.Dataset], maybe: int = 1) -> None:
        body(x=x, s=s, items=items, data=data, maybe=maybe)

    return pipeline


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda **_: add(), "component 'add' misses the argument 'a': an integer (NUMBER_INTEGER)"),
        (lambda **_: add(1), "component 'add' is called with 1 positional argument\nhint: name them: add(a=…, b=…)"),
        (lambda **_: add(a=1, c=2), "component 'add' has no input 'c'\nhint: it takes 'a', 'b'"),
        (lambda **_: accept(txet=""), "component 'accept' has no input 'txet'\nhint: did you mean 'text'?"),
        (lambda **_: add(a="x"), "argument 'a' of component 'add' takes an integer (NUMBER_INTEGER), not the str 'x'"),
        (lambda **_: add(a=1.5), "not the float 1.5"),
        (lambda **_: add(a=True), "not the bool True"),
        (lambda **_: accept(x=1), "argument 'x' of component 'accept' takes a float (NUMBER_DOUBLE), not the int 1"),
        (lambda **_: accept(flag=1), "takes a bool (BOOLEAN), not the int 1"),
        (lambda **_: accept(text=1), "takes text (STRING)"),
        (lambda **_: accept(items="[1]"), "takes a list (LIST)"),
        (lambda **_: accept(items=(1, 2)), "hint: write a list"),
        (lambda **_: accept(items=[object()]), "inside a constant"),
        (lambda **_: accept(items=[None]), "NoneType None inside a constant"),
        (lambda **_: accept(table={1: 2}), "the keys of a dict must be text"),
        (lambda **_: accept(table={"a": [float("nan")]}), "which JSON does not have"),
        (lambda **_: accept(maybe=None), "leave the argument out where it is optional"),
        (lambda **_: add(a=add), "not the PythonComponent"),
        (lambda **_: add(a=add(a=1)), "pass one of the task's outputs: task.output"),
        (lambda s, **_: add(a=s), "not the pipeline's input 's', which is text (STRING)"),
        (lambda **_: add(a=two(a=1).outputs["text"]), "not the output 'text' of task 'two', which is text (STRING)"),
        (lambda x, **_: use(data=x), "takes an artifact system.Dataset@0.0.1, not the pipeline's input 'x'"),
        (lambda **_: use(data=1), "pass the output of a task or an input of the pipeline"),
        (lambda data, **_: use_model(model=data), "which is an artifact system.Dataset@0.0.1"),
        (lambda data, **_: add(a=data), "takes an integer (NUMBER_INTEGER)"),
        (lambda data, **_: accept(items=[data]), "an artifact can only be passed whole"),
        (lambda data, **_: accept(text=f"{data}"), "an artifact can only be passed whole"),
    ],
)
def test_wrong_arguments_name_component_argument_and_type(body: Body, message: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        build(body)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        lambda x, maybe, **_: add(a=x, b=maybe),
        lambda x, s, items, **_: accept(items=[x, [s], {"k": items}], text=f"{x}{items}", table={"k": s}),
        lambda data, **_: (use(data=data), use_any(thing=data), use(data=make().outputs["data"])),
        lambda **_: accept(text=dsl.PIPELINE_JOB_ID_PLACEHOLDER),
    ],
)
def test_right_arguments_make_tasks(body: Body) -> None:
    assert build(body).pipeline.tasks


def test_types_are_not_checked_where_the_switch_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kfp, "TYPE_CHECK", False)
    assert build(lambda s, **_: add(a=s)).pipeline.tasks
    with pytest.raises(ArgumentTypeError):
        build(lambda data, **_: add(a=data))


@pytest.mark.parametrize(
    "use_it",
    [bool, lambda c: c == 1, lambda c: not c, lambda c: 1 < c < 5, lambda c: (c > 1) and (c < 5), list, lambda c: c[0]],
)
def test_channels_refuse_to_be_values(use_it: Callable[[Any], Any]) -> None:
    with pytest.raises(AuthoringError) as caught:
        build(lambda **_: bool(use_it(add(a=1).output)))
    assert caught.value.hint
    with pytest.raises(AuthoringError):
        build(lambda x, **_: bool(use_it(x)))


def test_the_error_names_the_output() -> None:
    with pytest.raises(AuthoringError, match="the truth of the output 'Output' of task 'add-2'"):
        build(lambda **_: (add(a=1), bool(add(a=1).output)))


def test_outputs_are_found_by_name() -> None:
    found: dict[str, Any] = {}
    build(lambda **_: found.update(one=add(a=1), several=two(a=1), none=nothing()))
    assert found["one"].output is found["one"].outputs["Output"]
    assert list(found["several"].outputs) == ["number", "text"]
    with pytest.raises(AttributeError, match=r"several outputs\nhint: name one: task.outputs\['number'\]"):
        _ = found["several"].output
    with pytest.raises(AttributeError, match="has no output"):
        _ = found["none"].output
    with pytest.raises(KeyError, match=r"has no output 'x'\nhint: it has 'number', 'text'"):
        found["several"].outputs["x"]


def test_values_of_another_pipeline_are_refused() -> None:
    kept: list[Any] = []
    build(lambda **_: kept.append(add(a=1)))
    with pytest.raises(ArgumentTypeError, match="a value of another pipeline, 'p'"):
        build(lambda **_: add(a=kept[0].output))
    with pytest.raises(AuthoringError, match="of another pipeline"):
        build(lambda **_: add(a=1).after(kept[0]))
    with pytest.raises(AuthoringError, match="which is not in this pipeline"):
        build(lambda **_: accept(text="{{channel:task=gone;name=Output;type=STRING;}}"))


@pytest.mark.parametrize(
    ("setter", "message"),
    [
        (lambda t: t.set_cpu_limit("abc"), "'abc' is not an amount of CPU"),
        (lambda t: t.set_cpu_limit(1), "takes text"),
        (lambda t: t.set_memory_limit("1 GB"), "'1 GB' is not an amount of memory"),
        (lambda t: t.set_retry(2, backoff_duration="soon"), "'soon' is not a duration"),
        (lambda t: t.set_env_variable("A", 1), "set_env_variable() of task 'add' takes text"),
        (lambda t: t.set_env_variable("A", t.output), "known when the pipeline is built"),
        (lambda t: t.set_display_name(t.output), "known when the pipeline is built"),
        (lambda t: t.after(1), "takes tasks, not 1"),
        (lambda t: t.after(t), "cannot run after itself"),
    ],
)
def test_wrong_settings_are_refused(setter: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(AuthoringError) as caught:
        build(lambda **_: setter(add(a=1)))
    assert message in str(caught.value)


def test_a_pipeline_as_a_task_has_no_container() -> None:
    inner = build(lambda x, **_: add(a=x))

    def outer(x: Any, s: Any, items: Any, data: Any, **_: Any) -> None:
        inner(x=x, s=s, items=items, data=data).set_cpu_limit("1")

    with pytest.raises(AuthoringError, match="it has no container of its own"):
        build(outer)


def test_outside_a_pipeline_the_hook_runs_the_component() -> None:
    with pytest.raises(RunError, match="called outside a pipeline"):
        add(a=1)
    calls: list[tuple[BaseComponent, dict[str, Any]]] = []

    def hook(component: BaseComponent, arguments: dict[str, Any]) -> str:
        calls.append((component, arguments))
        return "ran"

    token = HOOK.set(hook)
    try:
        assert add(a=1) == "ran"
        with pytest.raises(ArgumentTypeError):
            add()
    finally:
        HOOK.reset(token)
    assert calls == [(add, {"a": 1})]


def test_a_component_still_is_its_function() -> None:
    assert add.execute(a=1, b=2) == 3
    assert add.python_func(1) == 4
    assert (add.name, add.description, add.required_inputs) == ("add", "Adds.", ["a"])
    assert (add.function_name, add.module_path.name) == ("add", "components.py")
