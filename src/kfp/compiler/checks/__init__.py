"""What is checked of a pipeline before anything of it is written, beyond what its own function could show.

A task's inputs and its place among the others are checked where it is called, and by `kfp.dsl.topology` when the
pipeline's function has returned; names in a component's function by `kfp.dsl.names`. What stands here costs something,
or is known of the whole pipeline alone.
"""

from __future__ import annotations

from kfp.compiler.checks.names import check_name
from kfp.compiler.checks.packages import check_packages
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.python_component import PythonComponent

__all__ = ["check"]


def check(component: BaseComponent) -> None:
    """Check a component, and every component that is called in it at any depth, each once.

    Raises:
        AuthoringError: one of them cannot work; the location is that of its function.
    """
    found = {id(component): component}
    ahead = [component]
    while ahead:
        current = ahead.pop()
        check_name(current)
        if isinstance(current, PythonComponent):
            check_packages(current)
        if not isinstance(current, GraphComponent):
            continue
        for task in current.pipeline.tasks.values():
            if id(task.component) not in found:
                found[id(task.component)] = task.component
                ahead.append(task.component)
