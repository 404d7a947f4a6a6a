"""Names under the module paths that KFP gave them, where this package has them in modules that import those."""

from typing import Any, Callable, Dict


def moved(module: str, homes: Dict[str, str]) -> Callable[[str], Any]:
    """Give a module's `__getattr__` (PEP 562) that loads names from where they are.

    Args:
        module: the module's own name.
        homes: the module that has it, by name.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 -- it becomes the module's
        if name not in homes:
            raise AttributeError("module {!r} has no attribute {!r}".format(module, name))
        from importlib import import_module

        return getattr(import_module(homes[name]), name)

    return __getattr__
