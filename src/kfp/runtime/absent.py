"""Stand-ins for the parts of `kfp` that a step does not have.

A component's module may begin with `from kfp import compiler` or `from kfp.dsl import *`. Inside a step, names from
outside the runtime bundle become stand-ins: importing one works, using one loads the real thing if it is there after
all, and else raises an error that says where it is missing. So do the parts of the runtime itself that did not travel
with a lightweight component, because it does not use them.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Dict, NoReturn, Optional, Tuple

from kfp.errors import RunError

ROOMS = ("client", "compiler", "components", "dsl", "kubernetes", "local", "pipeline_spec", "registry", "v2")
"""The public parts of `kfp`."""


class StandIn:
    """One public name that is loaded only when it is used.

    Args:
        module: the module that has it.
        name: its name there.
    """

    def __init__(self, module: str, name: str) -> None:
        self.__dict__["_source"] = (module, name)

    def _resolve(self) -> Any:
        module, name = self.__dict__["_source"]
        found = getattr(import_module(module), name)
        if isinstance(found, StandIn):
            _missing("{}.{}".format(*found.__dict__["_source"]))
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 -- whatever the real thing does
        return self._resolve()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._resolve(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._resolve()[key]

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._resolve())

    def __mro_entries__(self, _bases: Tuple[Any, ...]) -> Tuple[Any, ...]:
        return (self._resolve(),)

    def __str__(self) -> str:
        return str(self._resolve())

    def __repr__(self) -> str:
        return "<{}.{}, not loaded in this step>".format(*self.__dict__["_source"])


def install() -> None:
    """Answer imports of public parts of `kfp` that are not there with stand-ins, for the rest of this process.

    Other names stay missing: programs try `kfp.v2` and fall back.
    """
    if not any(isinstance(finder, _Absent) for finder in sys.meta_path):
        sys.meta_path.append(_Absent())


def defer(namespace: Dict[str, Any], modules: Dict[str, str]) -> None:
    """Put stand-ins for authoring names into a package's namespace, so that `import *` loads none of their modules.

    Args:
        namespace: the `vars()` of the package.
        modules: its names and the modules that have them; those of `kfp.runtime` are left alone.
    """
    for name, module in modules.items():
        if name not in namespace and not module.startswith("kfp.runtime."):
            namespace[name] = StandIn(module, name)


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(self.__name__, name)


class _Absent:
    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Optional[ModuleSpec]:
        if name.startswith("kfp.") and name.split(".")[1] in ROOMS + ("runtime",):
            return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, _module: ModuleType) -> None:
        """Do nothing: the module makes its names as they are asked for."""


def _missing(name: str) -> NoReturn:
    if name.startswith("kfp.runtime."):
        raise RunError(
            "dsl.{} did not travel with this component".format(name.rpartition(".")[2]),
            hint="name it in the component's function: a step is given what its function names",
        )
    raise RunError(
        "{} is not available inside a step".format(name),
        hint="use it where the pipeline is written; under `if __name__ == '__main__':` in a component's module",
    )
