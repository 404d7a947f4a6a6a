"""The schema's scalar types that Python has no type of its own for: bounded integers, durations, enumerations."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""`int32`."""

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""`int64`, which protobuf's JSON writes as text, too."""

Int64Text = Annotated[str, Meta(pattern=r"^-?[0-9]{1,18}$")]
"""`int64` as text."""

Duration = Annotated[str, Meta(pattern=r"^-?[0-9]{1,11}(\.[0-9]{1,9})?s$")]
"""`google.protobuf.Duration`: seconds, such as `3600s`."""


ParameterType = Annotated[
    str,
    Meta(
        pattern=r"^(PARAMETER_TYPE_ENUM_UNSPECIFIED|NUMBER_DOUBLE|NUMBER_INTEGER|STRING|BOOLEAN|LIST|STRUCT"
        r"|TASK_FINAL_STATUS|TASK_CONFIG)$"
    ),
]
"""`ParameterType.ParameterTypeEnum`."""

PrimitiveType = Annotated[str, Meta(pattern=r"^(PRIMITIVE_TYPE_UNSPECIFIED|INT|DOUBLE|STRING)$")]
"""`PrimitiveType.PrimitiveTypeEnum`, which schema 2.1 has given up."""

TriggerStrategy = Annotated[
    str, Meta(pattern=r"^(TRIGGER_STRATEGY_UNSPECIFIED|ALL_UPSTREAM_TASKS_SUCCEEDED|ALL_UPSTREAM_TASKS_COMPLETED)$")
]
"""`PipelineTaskSpec.TriggerPolicy.TriggerStrategy`."""

PassthroughField = Annotated[
    str,
    Meta(
        pattern=r"^(NONE|RESOURCES|ENV|KUBERNETES_AFFINITY|KUBERNETES_TOLERATIONS|KUBERNETES_NODE_SELECTOR"
        r"|KUBERNETES_VOLUMES)$"
    ),
]
"""`TaskConfigPassthroughType.TaskConfigPassthroughTypeEnum`."""
