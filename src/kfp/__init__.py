"""Skiff, an implementation of Kubeflow Pipelines v2 under its own import name.

Importing `kfp` loads nothing else: `kfp.dsl`, `kfp.compiler` and the other rooms load when they are first touched
(PEP 562).
This file is part of the runtime bundle, which also runs inside steps: standard library only, syntax of Python 3.7.
"""

import os
import sys

from kfp.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # type checkers take this name as true; importing `typing` for it would cost milliseconds
    from typing import Any, List

    from kfp import compiler, components, dsl, kubernetes, local, testing

TYPE_CHECK = True
"""Whether the compiler checks the types of arguments against those of parameters; a program may set it to False."""

_ROOMS = ("compiler", "components", "dsl", "kubernetes", "local", "pipeline_spec", "testing")

__all__ = ["TYPE_CHECK", "__version__", "compiler", "components", "dsl", "kubernetes", "local", "testing"]


def _shared_directories() -> "List[str]":
    """Find the `kfp` directories of other distributions, which have no `__init__.py` of their own.

    `kfp-pipeline-spec` installs `kfp/pipeline_spec` into site-packages, which is another directory when Skiff is
    installed editable. `pkgutil.extend_path` would do, but it would also take in upstream's modules where both are
    installed.
    """
    found = []
    for entry in sys.path:
        directory = os.path.join(entry, "kfp")
        is_portion = os.path.isdir(directory) and not os.path.exists(os.path.join(directory, "__init__.py"))
        if is_portion and directory not in __path__:
            found.append(directory)
    return found


def _notice_mixture() -> None:
    """Warn where upstream's distribution `kfp` lies in this directory, too: each has overwritten files of the other."""
    directory = os.path.dirname(os.path.abspath(__file__))
    if os.path.exists(os.path.join(directory, "client", "set_volume_credentials.py")):  # upstream's, in every 2.x
        import warnings

        warnings.warn(
            "the distributions kfp and kfp-skiff are installed into the same directory, {}, and overwrite each other's "
            "files; hint: pip uninstall kfp kfp-skiff, then install kfp-skiff alone".format(directory),
            RuntimeWarning,
            stacklevel=2,
        )


__path__ += _shared_directories()
_notice_mixture()


if not TYPE_CHECKING:  # a module with __getattr__ has every name for type checkers

    def __getattr__(name: str) -> "Any":
        if name in _ROOMS:
            from importlib import import_module

            return import_module("kfp." + name)
        raise AttributeError("module 'kfp' has no attribute {!r}".format(name))


def __dir__() -> "List[str]":
    return sorted(set(globals()) | set(__all__))
