"""Names of components and inputs that documents cannot hold, or that two things would share there."""

from __future__ import annotations

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError
from kfp.location import definition


def check_name(component: BaseComponent) -> None:
    """Check that something is left of a component's name when all but letters, digits and dashes is taken out.

    Raises:
        AuthoringError: nothing is left to call its tasks by.
    """
    if component.name:
        return
    func = getattr(component, "python_func", None) or getattr(component, "pipeline_func", None)
    written = repr(func.__name__) if func is not None else "a component"
    raise AuthoringError(
        f"the name of {written} has no letter of a-z and no digit, so that its tasks have no name",
        hint="rename the function",
        location=None if func is None else definition(func),
    )


def check_setting_input(task: PipelineTask, setting: str, name: str) -> None:
    """Check that an input which a task gets for a setting with a channel in it is not one that its component has.

    Args:
        task: the task.
        setting: the setting, such as `cpu_limit`.
        name: the input that documents have for it.

    Raises:
        AuthoringError: the component has an input of that name; KFP would overwrite its value.
    """
    if name in task.component.interface.inputs:
        raise AuthoringError(
            f"task {task.name!r} takes its {setting} from a value of the running pipeline, for which it gets an input "
            f"{name!r}, and its component has an input of that name",
            hint=f"rename the input {name!r} of component {task.component.name!r}",
            location=task.place,
        )
