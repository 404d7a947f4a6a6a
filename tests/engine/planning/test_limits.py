"""The resources of a container: quantities, placeholders, older fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kfp.engine.planning.limits import Limits, limits_of, quantity
from kfp.errors import RunError
from kfp.ir.placeholders import Placeholder
from kfp.ir.spec.executor import AcceleratorConfig, ResourceSpec
from tests.engine.documents import Pipeline


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("0.5", 0.5), (".5", 0.5), ("500m", 0.5), ("1e3", 1000), ("512Mi", 512 * 1024**2), ("1G", 1e9),
     ("1.5Gi", 1.5 * 1024**3), ("128974848000m", 128974848), (" 3k ", 3000)],
)  # fmt: skip
def test_quantities(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "two", "-1", "1 G", "1GB", "1e999", "0x10", "1mi"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(RunError, match="amount"):
        quantity(text)


def resolve(placeholder: Placeholder) -> str:
    return {"cpu": "1500m", "kind": "nvidia.com/gpu", "count": "2"}[placeholder.steps[-1]]


def given(name: str) -> str:
    return "{{$.inputs.parameters['" + name + "']}}"


@pytest.mark.parametrize(
    ("resources", "limits"),
    [
        (None, Limits()),
        (ResourceSpec(cpu_limit=1.5, memory_limit=2.0), Limits(cpu=1.5, memory=2 * 10**9)),
        (ResourceSpec(cpu_limit=9, resource_cpu_limit=given("cpu")), Limits(cpu=1.5)),
        (
            ResourceSpec(resource_cpu_request="100m", resource_memory_request="1Mi", resource_memory_limit="1Gi"),
            Limits(cpu_request=0.1, memory_request=1024**2, memory=1024**3),
        ),
        (
            ResourceSpec(accelerator=AcceleratorConfig(resource_type=given("kind"), resource_count=given("count"))),
            Limits(accelerators=2, accelerator="nvidia.com/gpu"),
        ),
        (
            ResourceSpec(accelerator=AcceleratorConfig(type="tpu", count=4)),
            Limits(accelerators=4, accelerator="tpu"),
        ),
    ],
)
def test_limits_of_a_container(resources: ResourceSpec | None, limits: Limits) -> None:
    assert limits_of(resources, resolve) == limits


def test_a_step_knows_its_limits_with_values_in_place(play: Callable[..., Any]) -> None:
    pipeline = Pipeline(inputs={"cpu": str})
    resources = {"resourceCpuLimit": given("cpu"), "resourceMemoryLimit": "64Mi"}
    pipeline.container("do", {"image": "i", "command": ["true"], "resources": resources}, inputs={"cpu": str})
    pipeline.task("do", inputs={"cpu": "$cpu"})
    result, executor = play(pipeline, lambda _: None, {"cpu": "1500m"})
    assert result.error is None
    assert executor.steps[0].limits == Limits(cpu=1.5, memory=64 * 1024**2)
    assert "is no amount of a resource" in str(play(pipeline, lambda _: None, {"cpu": "much"})[0].error)
