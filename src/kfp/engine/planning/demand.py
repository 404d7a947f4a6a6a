"""What tasks ask of the machine: for the scheduler, and in words where a machine has less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.flow.references import input_reference
from kfp.engine.planning.limits import limits_of
from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.errors import SkiffError, SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.values import Values
    from kfp.engine.planning.plan import Task
    from kfp.ir.placeholders import Placeholder, Resolve
    from kfp.ir.spec import Json, PipelineContainerSpec
    from kfp.ir.spec.executor import ResourceSpec

_GB = 1000**3


class _Placeholder(Exception):
    """An amount holds a placeholder."""


def demand(container: PipelineContainerSpec | None, where: str) -> Request | None:
    """Return what a container asks for: its requests, and where it has none its limits.

    Args:
        container: as the document has it.
        where: its path in the document, for errors.

    Returns:
        The request; None where an amount holds a placeholder.

    Raises:
        SpecError: an amount is none.
    """
    if container is None or container.resources is None:
        return NOTHING
    try:
        return _request(container.resources, _unknown)
    except _Placeholder:
        return None
    except SkiffError as error:
        raise SpecError(f"{where}.container.resources: {error.message}", hint=error.hint) from None


class Weights:
    """What the tasks of one run ask for, on a machine.

    Args:
        capacity: what the machine has.
    """

    def __init__(self, capacity: Request) -> None:
        self._capacity = capacity
        self._told: set[str] = set()

    def request(self, task: Task, inputs: Values, constants: Mapping[str, str]) -> Request:
        """Return what a task asks for, now that its inputs are bound.

        An amount that cannot be read counts as nothing: the step says what is wrong when it starts.
        """
        if task.request is not None or task.container is None or task.container.resources is None:
            return task.request or NOTHING
        try:
            return _request(task.container.resources, input_reference(constants, inputs))
        except SkiffError:
            return NOTHING

    def notice(self, task: Task, inputs: Values, constants: Mapping[str, str]) -> str | None:
        """Return what to tell of a task that asks for more than the machine has, once for all steps of its kind."""
        request = self.request(task, inputs, constants)
        if task.label in self._told or request.fits(self._capacity):
            return None
        self._told.add(task.label)
        return excess(request, self._capacity)


def excess(request: Request, capacity: Request) -> str:
    """Say by what a request is more than a machine has, and what comes of it."""
    asked, there = [], []
    for wanted, has, words in zip(request, capacity, (_cores, _gigabytes, _accelerators), strict=True):
        if wanted > has:
            asked.append(words(wanted))
            there.append(words(has))
    without = request.accelerators > capacity.accelerators == 0
    shared = request.cpu > capacity.cpu or request.memory > capacity.memory or not without
    comes = ["it runs when nothing else takes any of that"] if shared else []
    comes += ["it runs without an accelerator"] if without else []
    return f"it asks for {' and '.join(asked)}, this machine has {' and '.join(there)}: {', and '.join(comes)}"


def _request(resources: ResourceSpec, resolve: Resolve) -> Request:
    limits = limits_of(resources, resolve)
    cpu, memory = limits.cpu_request or limits.cpu, limits.memory_request or limits.memory
    return Request(round(cpu * 1000), memory, limits.accelerators)


def _unknown(placeholder: Placeholder) -> Json:
    raise _Placeholder


def _cores(amount: int) -> str:
    return f"{amount / 1000:g} cores" if amount != 1000 else "1 core"  # noqa: PLR2004 - a core has 1000 millicores


def _gigabytes(amount: int) -> str:
    return f"{amount / _GB:{'.3g' if amount < _GB * 1000 else '.0f'}} GB of memory"


def _accelerators(amount: int) -> str:
    return f"{amount or 'no'} accelerator{'' if amount == 1 else 's'}"
