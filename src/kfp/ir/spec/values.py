"""Values, and the types of artifacts."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from kfp.ir.spec.message import Message


class Value(Message, frozen=True):
    """The deprecated typed constant (`Value`); new documents use `ValueOrRuntimeParameter.constant`."""

    int_value: int | str | None = None
    double_value: float | None = None
    string_value: str | None = None


class ValueOrRuntimeParameter(Message, frozen=True):
    """A constant, possibly with `{{$...}}` placeholders in its strings, or the name of a component input.

    `runtime_parameter` names the component input whose value is meant (importers use it).
    """

    constant: Any = UNSET
    runtime_parameter: str | None = None
    constant_value: Value | None = None


class ArtifactTypeSchema(Message, frozen=True):
    """An artifact's type: `system.Dataset` and its version, or a schema by URI or by its text."""

    schema_title: str | None = None
    schema_uri: str | None = None
    instance_schema: str | None = None
    schema_version: str = ""
