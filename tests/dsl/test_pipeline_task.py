"""What a task tells of itself."""

from __future__ import annotations

from typing import Any

import pytest

from kfp import dsl
from kfp.dsl.pipeline_task import TaskState
from tests.dsl.components import add, nothing


@dsl.pipeline
def inner(x: int) -> int:
    return add(a=x).output


def test_a_task_of_a_component() -> None:
    tasks: list[Any] = []

    @dsl.pipeline
    def p(x: int) -> None:
        tasks.append(add(a=x))
        with dsl.If(x == 1) as group:
            tasks.append(nothing().after(tasks[0]))
        tasks.append(group)

    first, second, group = tasks
    assert (first.name, first.state, first.dependent_tasks) == ("add", TaskState.FUTURE, [])
    assert first.component_spec.name == "add"
    assert first.pipeline_spec is None
    assert second.dependent_tasks == ["add"]
    assert second.parent_task_group is group
    with pytest.raises(ValueError, match="task 'add' has no platform_spec, for 'add' is a component") as caught:
        _ = first.platform_spec
    assert "platform_config" in caught.value.hint  # type: ignore[attr-defined]


def test_a_task_of_a_pipeline() -> None:
    @dsl.pipeline
    def p() -> None:
        task = inner(x=1)
        assert task.pipeline_spec == inner.pipeline_spec
        assert task.platform_spec == inner.platform_spec
        assert task.component_spec.name == "inner"

    assert p.name == "p"


def test_a_task_runs_after_a_group_that_no_other_is_called_like() -> None:
    @dsl.component
    def exit_handler_1() -> None:
        pass

    @dsl.pipeline
    def p() -> None:
        exit_handler_1()
        with dsl.ExitHandler(nothing()) as group:
            add(a=1)
        add(a=2).after(group)

    assert p.pipeline.waits["add-2"] == {"exit-handler-2"}
    assert list(p.pipeline.tasks) == ["exit-handler-1", "nothing", "add", "add-2"]
