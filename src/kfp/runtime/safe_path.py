"""The standard library wins over files in the working directory that have its modules' names.

`python3 -m kfp.dsl.executor_main` puts the working directory first on `sys.path`, so that a component's `types.py` or
`json.py` would hide the module of that name before any code of ours runs. Python 3.11 has PYTHONSAFEPATH against it;
for older versions `sitecustomize`, which runs before the directory is put there, calls `install`.
"""

import _imp
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself could be a file in the working directory
    from importlib.machinery import ModuleSpec
    from typing import Any, List, Optional

MEMBERS = "kfp_components"
"""The name of the package whose members the modules of a component directory are."""

CONFIG = "kfp_config.ini"

_NOT_ITS_OWN = ("sitecustomize", "usercustomize", "test")


def standard_directories() -> "List[str]":
    """List the directories and archives of the standard library on `sys.path`."""
    home = os.path.dirname(os.path.abspath(os.__file__))
    inside = (home, os.path.join(home, "lib-dynload"))
    archive = "python{}{}.zip".format(*sys.version_info[:2])
    return [entry for entry in sys.path if entry in inside or os.path.basename(entry) == archive]


def find_standard(name: str, directories: "List[str]") -> "Optional[ModuleSpec]":
    """Find a top-level module of the standard library, or nothing if the name is not one of its."""
    if name in _NOT_ITS_OWN:
        return None
    names = getattr(sys, "stdlib_module_names", None)
    if names is not None and name not in names:
        return None
    return _path_finder().find_spec(name, directories)  # type: ignore[no-any-return]


def is_standard(name: str) -> bool:
    """Tell whether a top-level name belongs to the standard library of the running Python."""
    names = getattr(sys, "stdlib_module_names", None)
    if names is not None:
        return name in names
    return name in sys.builtin_module_names or find_standard(name, standard_directories()) is not None


def install() -> None:
    """Put the standard library first for the rest of this process; every later call changes nothing."""
    if not any(isinstance(finder, _StandardFirst) for finder in sys.meta_path):
        sys.meta_path.insert(0, _StandardFirst(standard_directories()))


class _StandardFirst:
    def __init__(self, directories: "List[str]") -> None:
        self.directories = directories

    def find_spec(self, name: str, path: "Any" = None, _target: "Any" = None) -> "Optional[ModuleSpec]":
        # Frozen and built-in modules come before the path in any case.
        if path is None and "." not in name and name not in sys.builtin_module_names and not _imp.is_frozen(name):
            return find_standard(name, self.directories)
        return None


def _path_finder() -> "Any":
    # Found where the interpreter put it: importing importlib.machinery could meet a file called importlib.py.
    for finder in sys.meta_path:
        if getattr(finder, "__name__", None) == "PathFinder":
            return finder
    from importlib.machinery import PathFinder

    return PathFinder
