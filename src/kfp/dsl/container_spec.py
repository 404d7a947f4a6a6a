"""What a container component runs: image, command, args."""

from typing import Any, List, Optional, Tuple, Union

from kfp.dsl.placeholders import Element
from kfp.errors import AuthoringError

Elements = Union[List[Any], Tuple[Any, ...]]  # for type checkers, a placeholder of `n: int` is an int


class ContainerSpec:
    """What the function of a container component returns.

    Args:
        image: the container's image; a text, which may hold placeholders.
        command: the entry point as a list of texts and placeholders; the image's own by default.
        args: the arguments of the entry point, likewise.

    Raises:
        AuthoringError: the image is no text, or command or args is no list.
    """

    def __init__(self, image: str, command: Optional[Elements] = None, args: Optional[Elements] = None) -> None:
        if not isinstance(image, str) or not image:
            raise AuthoringError("ContainerSpec: the image is a text, not {!r}".format(image))
        self.image = image
        self.command = _elements("command", command)
        self.args = _elements("args", args)


def _elements(name: str, value: Any) -> Optional[List[Element]]:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise AuthoringError(
            "ContainerSpec: {} is a list, not {!r}".format(name, value), hint="write {}=[...]".format(name)
        )
    return list(value)
