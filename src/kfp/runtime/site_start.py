"""Run at the start of every Python in a component's image: this text is `sitecustomize.py` beside the package `kfp`."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from os.path import dirname

try:
    from kfp.runtime.safe_path import install

    install()
except Exception as error:  # no fault here may keep an interpreter from starting
    sys.stderr.write("kfp: the standard library could not be put first: {!r}\n".format(error))

# The image's own sitecustomize, which this one hides.
_next = PathFinder.find_spec("sitecustomize", [entry for entry in sys.path if entry != dirname(__file__)])
if _next is not None and _next.loader is not None:
    _module = module_from_spec(_next)
    sys.modules["sitecustomize"] = _module
    _next.loader.exec_module(_module)
