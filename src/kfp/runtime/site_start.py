"""Run at the start of every Python in a component's image: this text is `sitecustomize.py` beside the package `kfp`."""

import os
import sys

try:
    from kfp.runtime.safe_path import install

    install()
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
