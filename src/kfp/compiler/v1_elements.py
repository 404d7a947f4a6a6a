"""Commands and args in component files of KFP v1: their placeholders, as those of container components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kfp.compiler.v1_format import broken
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition, sanitize
from kfp.dsl.placeholders import (
    PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
    ConcatPlaceholder,
    Element,
    IfPresentPlaceholder,
    InputValuePlaceholder,
    TextPlaceholder,
)
from kfp.errors import SpecTypeError
from kfp.runtime.interface import TASK_FINAL_STATUS

_REFERENCES = ("inputValue", "inputPath", "inputUri", "outputPath", "outputUri")


def key(name: str) -> str:
    """Return an input's or output's name as it is in KFP v2: `Learning Rate` becomes `learning_rate`."""
    return sanitize(name).replace("-", "_")


class Elements:
    """Reads the elements of commands and args.

    Args:
        interface: the component's, whose inputs and outputs they refer to.

    Attributes:
        misuse: what is wrong with the first placeholder that uses an input or output as what it is not. KFP v1 knew no
            difference between parameters and artifacts, so such components can be loaded, but not used.
    """

    def __init__(self, interface: Interface) -> None:
        """Remember the interface."""
        self._interface = interface
        self.misuse: SpecTypeError | None = None

    def read(self, item: Any, path: str) -> Element:  # noqa: ANN401 - what a YAML file holds
        """Return an element as text or placeholder.

        Raises:
            SpecTypeError: it is neither, or refers to nothing.
        """
        if isinstance(item, str):
            return item
        if not isinstance(item, dict) or len(item) != 1:
            raise broken(path, "must be a text or one placeholder")
        ((kind, value),) = item.items()
        if kind == "executorInput":
            return PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER
        if kind == "concat" and isinstance(value, list):
            return ConcatPlaceholder([self.read(part, f"{path}.concat[{i}]") for i, part in enumerate(value)])
        if kind == "if" and isinstance(value, dict):
            return self._choice(value, f"{path}.if")
        return self._reference(kind, value, f"{path}.{kind}")

    def _choice(self, value: Mapping[str, Any], path: str) -> IfPresentPlaceholder:
        unknown = sorted(set(value) - {"cond", "then", "else"})
        if unknown:
            raise broken(f"{path}.{unknown[0]}", "is not a field of it")
        condition = value.get("cond")
        name = condition.get("isPresent") if isinstance(condition, dict) and len(condition) == 1 else None
        if not isinstance(name, str):
            raise broken(f"{path}.cond", "must be `isPresent: <input>`")
        if key(name) not in self._interface.inputs:
            raise broken(f"{path}.cond.isPresent", f"there is no input {name!r}")
        then, else_ = value.get("then"), value.get("else")
        if then is None:
            raise broken(path, "must have `then`")
        return IfPresentPlaceholder(
            key(name),
            self._branch(then, f"{path}.then"),
            None if else_ is None else self._branch(else_, f"{path}.else"),
        )

    def _branch(self, value: Any, path: str) -> Element | list[Element]:  # noqa: ANN401 - the same
        if isinstance(value, list):
            return [self.read(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return self.read(value, path)

    def _reference(self, kind: object, name: object, path: str) -> Element:
        if kind not in _REFERENCES:
            raise broken(path, "is not a placeholder of KFP v1")
        side = "inputs" if kind.startswith("input") else "outputs"
        known: Mapping[str, InputDefinition | OutputDefinition] = getattr(self._interface, side)
        if not isinstance(name, str) or key(name) not in known:
            raise broken(path, f"there is no {side[:-1]} {name!r}")
        type_ = known[key(name)].type
        if type_ is None and kind != "inputValue":
            part = "uri" if kind.endswith("Uri") else "path"
            return TextPlaceholder(f"{side}.artifacts['{key(name)}'].{part}")
        if type_ is not None and kind == "inputValue":
            return InputValuePlaceholder(key(name), type_)
        if type_ is not None and kind == "outputPath":
            return TextPlaceholder(f"outputs.parameters['{key(name)}'].output_file")
        self.misuse = self.misuse or broken(path, f"{name!r} is {_described(type_)}")
        return TextPlaceholder("")


def _described(type_: str | None) -> str:
    if type_ is None:
        return "an artifact, which has a path and a uri"
    return (
        "the final status of tasks, which has a value"
        if type_ == TASK_FINAL_STATUS
        else "a parameter, which has a value"
    )
