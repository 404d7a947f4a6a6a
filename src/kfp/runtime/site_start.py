"""Run at the start of every Python in a component's image: this text is `sitecustomize.py` beside the package `kfp`."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself could be a file in the working directory
    from typing import Any

try:
    from kfp.runtime import safe_path

    class _MembersOnDemand:
        """For a child process that unpickles an object of a component's module without having run the executor."""

        def find_spec(self, name: str, _path: "Any" = None, _target: "Any" = None) -> "Any":
            if name != safe_path.MEMBERS or not os.path.exists(safe_path.CONFIG):
                return None
            from kfp.runtime import members

            return members.install(os.getcwd()).find_spec(name)

    safe_path.install()
    sys.meta_path.insert(0, _MembersOnDemand())
except Exception as error:  # no fault here may keep an interpreter from starting
    sys.stderr.write("kfp: the standard library could not be put first: {!r}\n".format(error))

# The image's own sitecustomize, which this one hides.
for _finder in sys.meta_path:
    if getattr(_finder, "__name__", None) == "PathFinder":
        _here = os.path.dirname(os.path.abspath(__file__))
        _next = _finder.find_spec("sitecustomize", [entry for entry in sys.path if os.path.abspath(entry) != _here])
        if _next is not None and _next.origin is not None:
            from importlib.util import module_from_spec

            sys.modules["sitecustomize"] = _module = module_from_spec(_next)
            _next.loader.exec_module(_module)  # type: ignore[union-attr]
        break
