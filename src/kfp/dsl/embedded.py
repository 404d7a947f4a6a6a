"""Files that travel inside a lightweight component: a file or directory, or a notebook."""

import os
from typing import List, NamedTuple, Optional

from kfp.errors import AuthoringError

_NOTEBOOK = ".ipynb"
_SKIPPED = (".ipynb_checkpoints", "__pycache__")


class Embedded(NamedTuple):
    """What travels.

    Attributes:
        path: a file or a directory of this machine, absolute.
        notebook: where the notebook that runs lies under it; empty where it is the file itself; None without one.
    """

    path: str
    notebook: Optional[str] = None


def artifact(path: str) -> Embedded:
    """Give what `embedded_artifact_path` names.

    Raises:
        AuthoringError: it does not exist.
    """
    if not os.path.exists(path):
        raise AuthoringError("embedded_artifact_path: there is no {}".format(path))
    return Embedded(os.path.abspath(path))


def notebook(path: str) -> Embedded:
    """Give what `notebook_path` names: a notebook, or a directory with one notebook somewhere in it.

    Raises:
        AuthoringError: it does not exist, is something else, or holds no notebook or several.
    """
    if os.path.isfile(path):
        if not path.endswith(_NOTEBOOK):
            raise AuthoringError("notebook_path: {} is not a notebook; its name ends in .ipynb".format(path))
        return Embedded(os.path.abspath(path), "")
    if not os.path.isdir(path):
        raise AuthoringError("notebook_path: there is no {}".format(path))
    found = [file for file in files(path) if file.endswith(_NOTEBOOK)]
    if len(found) != 1:
        what = "no notebook" if not found else "several notebooks: {}".format(", ".join(found))
        raise AuthoringError("notebook_path: {} has {}".format(path, what), hint="name one notebook's own path")
    return Embedded(os.path.abspath(path), found[0])


def files(directory: str) -> List[str]:
    """Give the files of a directory that travel, relative to it with slashes, in order."""
    found = []
    for parent, children, names in os.walk(directory):
        children[:] = [child for child in children if child not in _SKIPPED]
        relative = os.path.relpath(parent, directory).replace(os.sep, "/")
        found += [name if relative == "." else "{}/{}".format(relative, name) for name in names]
    return sorted(found)
