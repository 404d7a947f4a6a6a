"""What the decorators of a component's module leave in a step: the function, and the component only if it is asked for.

A step needs one function of the module. Reading every component there, and running its pipelines, would load the whole
authoring language.
"""

from importlib import import_module
from typing import Any, Callable, Dict

_DECORATORS = {
    "component": "kfp.dsl.component_decorator",
    "container_component": "kfp.dsl.container",
    "pipeline": "kfp.dsl.pipeline_decorator",
}


def install(namespace: Dict[str, Any]) -> None:
    """Let `dsl.component` and its like leave functions unread, for the rest of this process.

    Args:
        namespace: the `vars()` of `kfp.dsl`.
    """
    for name in _DECORATORS:
        namespace[name] = _Decorator(name)


class _Decorator:
    """Takes the place of a decorator; what it decorates is read by the real one when it is used."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, func: Any = None, *args: Any, **settings: Any) -> Any:
        if callable(func) and not args:
            return Unread(func, lambda: self.real()(func, **settings))
        if func is None and not args:
            return lambda function: Unread(function, lambda: self.real()(**settings)(function))
        return self.real()(func, *args, **settings)

    def real(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(import_module(_DECORATORS[self.name]), self.name)
        return found


class Unread:
    """A component or pipeline that nobody has read: it has its function, and becomes the real thing when it is used.

    Args:
        func: the function that was decorated.
        read: makes the real thing.

    Attributes:
        python_func: the function.
    """

    def __init__(self, func: Callable[..., Any], read: Callable[[], Any]) -> None:
        vars(self).update(python_func=func, _read=read, __doc__=func.__doc__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 -- whatever the real thing does
        return _real(self)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_real(self), name, value)

    def __repr__(self) -> str:
        return repr(_real(self))


def _real(unread: Unread) -> Any:
    found = vars(unread)
    if "_component" not in found:
        found["_component"] = found["_read"]()
    return found["_component"]
