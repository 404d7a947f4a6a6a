"""The seam between calling a component and running it: what happens outside a pipeline."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional

    from kfp.dsl.base_component import BaseComponent

    Hook = Callable[[BaseComponent, Dict[str, Any]], Any]

HOOK: "ContextVar[Optional[Hook]]" = ContextVar("kfp.dsl.execution")
"""Runs a component with its arguments in this context and returns what has `.output` and `.outputs`.

A context in which it was never set, such as a new thread's, uses what was installed last.
"""


class _Installed:
    """What the process uses where a context says nothing."""

    hook: "Optional[Hook]" = None


def installed() -> "Optional[Hook]":
    """Return what runs components in this context, None where nothing does."""
    return HOOK.get(_Installed.hook)


def install(hook: "Optional[Hook]") -> None:
    """Have components that are called outside a pipeline run.

    Args:
        hook: runs them, in this context and in every context that has none of its own; None refuses.
    """
    _Installed.hook = hook
    HOOK.set(hook)


def execute(component: "BaseComponent", arguments: "Dict[str, Any]") -> "Any":
    """Run a component that was called outside a pipeline.

    Args:
        component: what was called.
        arguments: checked against the component's inputs.

    Raises:
        RunError: nothing was set up to run it.
    """
    hook = installed()
    if hook is None:
        raise RunError(
            "component {!r} is called outside a pipeline and no local runner is set up".format(component.name),
            hint="call it in a @dsl.pipeline function, or run it here after local.init(local.SubprocessRunner())",
        )
    return hook(component, arguments)
