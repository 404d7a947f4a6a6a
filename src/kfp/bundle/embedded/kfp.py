"""`kfp/__init__.py` of the embedded bundle: what does not travel is stand-ins."""

from importlib import import_module
from types import ModuleType

from kfp.runtime import absent
from kfp.version import __version__  # noqa: F401 -- for components

absent.install()


def __getattr__(name: str) -> ModuleType:
    if name in absent.ROOMS:
        return import_module("kfp." + name)
    raise AttributeError("module 'kfp' has no attribute " + repr(name))
