"""The seam between calling a component and running it: what happens outside a pipeline."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional

    from kfp.dsl.base_component import BaseComponent

HOOK: "ContextVar[Optional[Callable[[BaseComponent, Dict[str, Any]], Any]]]" = ContextVar(
    "kfp.dsl.execution", default=None
)
"""Runs a component with its arguments and returns what has `.output` and `.outputs`; `kfp.local.init` sets it."""


def execute(component: "BaseComponent", arguments: "Dict[str, Any]") -> "Any":
    """Run a component that was called outside a pipeline.

    Args:
        component: what was called.
        arguments: checked against the component's inputs.

    Raises:
        RunError: nothing was set up to run it.
    """
    hook = HOOK.get()
    if hook is None:
        raise RunError(
            "component {!r} is called outside a pipeline and no local runner is set up".format(component.name),
            hint="call it in a @dsl.pipeline function, or run it here after local.init(local.SubprocessRunner())",
        )
    return hook(component, arguments)
