"""The Enums, dataclasses and NamedTuples of a component function's annotations, as text that travels with it."""

import ast
import builtins
import inspect
import sys
import textwrap
import typing
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Set

import kfp.dsl
from kfp.errors import AuthoringError
from kfp.runtime.forward import resolve
from kfp.runtime.signature import inspect_signature
from kfp.runtime.structured import is_dataclass, is_enum


class Classes(NamedTuple):
    """What the annotations of a function need to stand in a module of their own.

    Attributes:
        texts: the definitions of classes by name, each after those that it uses.
        imports: the import statements that the definitions need, by the name that each binds.
    """

    texts: Dict[str, str]
    imports: Dict[str, str]


def annotation_classes(func: Callable[..., Any], names: Set[str]) -> Classes:
    """Give the classes that a function's annotations mean.

    Args:
        func: the component function.
        names: the names in its annotations.

    Raises:
        AuthoringError: a class's text cannot be read, or it uses what does not travel.
    """
    classes = Classes({}, {})
    for class_ in _classes(func):
        if class_.__name__ in names:
            _take(class_, classes)
    return classes


def _classes(func: Callable[..., Any]) -> "Iterator[Any]":
    signature = inspect_signature(func)
    pending: List[Any] = [item.annotation for item in signature.inputs.values()]
    pending += [item.annotation for item in signature.outputs.values()]
    function: Any = inspect.unwrap(func)
    returned, _ = resolve(function.__annotations__.get("return"), function.__globals__)
    if _is_named_tuple(returned):
        yield returned
    while pending:
        annotation = pending.pop()
        if is_enum(annotation) or is_dataclass(annotation):
            yield annotation
        pending.extend(getattr(annotation, "__args__", None) or ())


def _take(class_: Any, classes: Classes) -> None:
    name = class_.__name__
    if name in classes.texts:
        return
    try:
        text = textwrap.dedent(inspect.getsource(class_))
    except (OSError, TypeError) as error:
        raise AuthoringError(
            "the source of {!r}, a type in a component's signature, cannot be read: {}".format(name, error),
            hint="define it in a file or in a notebook cell; a lightweight component travels as its source",
        ) from None
    classes.texts[name] = ""  # it may mention itself
    namespace = vars(sys.modules[class_.__module__]) if class_.__module__ in sys.modules else {}
    for used in sorted(_names(text) - {name} - set(dir(builtins)) - set(kfp.dsl.MODULES) - set(typing.__all__)):
        if used in namespace:
            _use(class_, used, namespace[used], classes)
    del classes.texts[name]
    classes.texts[name] = text


def _names(text: str) -> "Set[str]":
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _use(class_: Any, name: str, value: Any, classes: Classes) -> None:
    """Take what the text of a class names."""
    module = getattr(value, "__module__", None)
    if isinstance(value, ModuleType):
        same = value.__name__ == name
        classes.imports[name] = "import {}".format(name) if same else "import {} as {}".format(value.__name__, name)
    elif (is_enum(value) and module not in sys.builtin_module_names and module != "enum") or is_dataclass(value):
        _take(value, classes)
    elif module is not None and module != class_.__module__:
        original = getattr(value, "__name__", name)
        renamed = "" if original == name else " as " + name
        classes.imports[name] = "from {} import {}{}".format(module, original, renamed)
    else:
        raise AuthoringError(
            "{!r}, a type in a component's signature, uses {!r}, which does not travel with it".format(
                class_.__name__, name
            ),
            hint="a lightweight component takes along the classes of its annotations and what they import",
        )


def _is_named_tuple(annotation: Any) -> bool:
    """Tell whether an annotation is a class with the base NamedTuple; what a call makes has no text."""
    try:
        return hasattr(annotation, "_fields") and bool(inspect.getsource(annotation))
    except (OSError, TypeError):
        return False
