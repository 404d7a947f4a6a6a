"""What a container may take and asks for: cores, bytes of memory, accelerators (PipelineSpec's `ResourceSpec`)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec

from kfp.errors import RunError
from kfp.ir.placeholders import resolve_text

if TYPE_CHECKING:
    from kfp.ir.placeholders import Resolve
    from kfp.ir.spec.executor import AcceleratorConfig, ResourceSpec

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3}))?([numkKMGTPE]|[KMGTPE]i)?")
_SCALES = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    **{letter: 1000.0**power for power, letter in enumerate("KMGTPE", 1)},
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", 1)},
}
_GB = 1000**3


class Limits(msgspec.Struct, frozen=True):
    """The resources of a step; 0 where nothing is said.

    Args:
        cpu: the most cores that it may use.
        memory: the most bytes of memory.
        cpu_request: the cores that it counts on.
        memory_request: the bytes of memory that it counts on.
        accelerators: how many it uses.
        accelerator: their kind, as `nvidia.com/gpu`.
    """

    cpu: float = 0.0
    memory: int = 0
    cpu_request: float = 0.0
    memory_request: int = 0
    accelerators: int = 0
    accelerator: str = ""


def quantity(text: str) -> float:
    """Return what a quantity of Kubernetes means: `0.5`, `500m`, `512Mi`, `1G`, `1e3`.

    Raises:
        RunError: the text is none.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise RunError(f"{text!r} is no amount of a resource", hint="write for example '2', '500m' or '512Mi'")
    value = float(f"{match[1]}e{match[2] or 0}") * _SCALES[match[3] or ""]
    if not math.isfinite(value):
        raise RunError(f"the amount {text!r} of a resource is too large")
    return value


def limits_of(resources: ResourceSpec | None, resolve: Resolve) -> Limits:
    """Return a container's resources; where the texts and the older numbers both say something, the texts count.

    Args:
        resources: as the document has them.
        resolve: gives the value that a placeholder stands for.

    Raises:
        RunError: an amount cannot be read, or a placeholder refers to what is not there.
    """
    if resources is None:
        return Limits()

    def amount(text: str, number: float) -> float:
        resolved = resolve_text(text, resolve) if text else ""
        return quantity(resolved) if resolved else number

    kind, count = _accelerators(resources.accelerator, resolve)
    return Limits(
        cpu=amount(resources.resource_cpu_limit, resources.cpu_limit),
        memory=round(amount(resources.resource_memory_limit, resources.memory_limit * _GB)),
        cpu_request=amount(resources.resource_cpu_request, resources.cpu_request),
        memory_request=round(amount(resources.resource_memory_request, resources.memory_request * _GB)),
        accelerators=count,
        accelerator=kind,
    )


def _accelerators(config: AcceleratorConfig | None, resolve: Resolve) -> tuple[str, int]:
    if config is None:
        return "", 0
    kind = resolve_text(config.resource_type or config.type, resolve)
    text = resolve_text(config.resource_count, resolve) if config.resource_count else ""
    return kind, math.ceil(quantity(text)) if text else int(config.count)
