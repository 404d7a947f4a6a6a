"""Values, and the types of artifacts."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import UNSET

from kfp.ir.spec.message import OneOf
from kfp.ir.spec.scalars import Int64, Int64Text


class Value(OneOf, frozen=True):
    """The deprecated typed constant (`Value`); new documents use `ValueOrRuntimeParameter.constant`."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("int_value", "double_value", "string_value")

    int_value: Int64 | Int64Text | None = None
    double_value: float | None = None
    string_value: str | None = None


class ValueOrRuntimeParameter(OneOf, frozen=True):
    """A constant, possibly with `{{$...}}` placeholders in its strings, or the name of a component input.

    `runtime_parameter` names the component input whose value is meant (importers use it).
    """

    ONE_OF: ClassVar[tuple[str, ...]] = ("constant", "runtime_parameter", "constant_value")

    constant: Any = UNSET
    runtime_parameter: str | None = None
    constant_value: Value | None = None


class ArtifactTypeSchema(OneOf, frozen=True):
    """An artifact's type: `system.Dataset` and its version, or a schema by URI or by its text."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("schema_title", "schema_uri", "instance_schema")

    schema_title: str | None = None
    schema_uri: str | None = None
    instance_schema: str | None = None
    schema_version: str = ""
