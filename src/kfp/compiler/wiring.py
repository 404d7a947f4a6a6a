"""How values reach a task: from its neighbours, or as an input of its group, which gets it from outside in turn.

A DAG of a PipelineSpec sees its own tasks and its own inputs. What a task deep inside groups takes from outside
becomes an input of every group on the way, `pipelinechannel--<task>-<output>`; what `dsl.Collected` and `dsl.OneOf`
take out of groups becomes an output of every group on the way, under the same name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kfp.dsl.block import BlockGroup
from kfp.dsl.collected import Collected
from kfp.dsl.conditions import Branches, ConditionGroup
from kfp.dsl.loop_items import LoopParameter, SubVariable
from kfp.dsl.one_of import OneOf
from kfp.dsl.parallel_for import ParallelFor
from kfp.dsl.pipeline_channel import PipelineChannel
from kfp.dsl.tasks_group import TasksGroup
from kfp.dsl.topology import inside, path
from kfp.ir import spec as ir

INPUT_PREFIX = "pipelinechannel--"


class Source(NamedTuple):
    """Where a task or group gets a value in the DAG that it stands in.

    Attributes:
        key: the name of the DAG's input, or of the producer's output.
        producer: the task or group that gives it, or None for an input.
        selector: the expression that picks a part of it, or empty.
    """

    key: str
    producer: str | None = None
    selector: str = ""

    def parameter(self) -> ir.InputParameterSpec:
        """Return it as a task's input parameter."""
        if self.producer is None:
            return ir.InputParameterSpec(
                component_input_parameter=self.key, parameter_expression_selector=self.selector
            )
        return ir.InputParameterSpec(
            task_output_parameter=ir.TaskOutputParameterSpec(
                producer_task=self.producer, output_parameter_key=self.key
            ),
            parameter_expression_selector=self.selector,
        )

    def artifact(self) -> ir.InputArtifactSpec:
        """Return it as a task's input artifact."""
        if self.producer is None:
            return ir.InputArtifactSpec(component_input_artifact=self.key)
        return ir.InputArtifactSpec(
            task_output_artifact=ir.TaskOutputArtifactSpec(producer_task=self.producer, output_artifact_key=self.key)
        )


class Ports:
    """What goes into a group and comes out of it.

    Attributes:
        inputs: the channels that it takes by input name, and where it gets each; None for a loop's item.
        outputs: the channels that it gives by output name, each with those that it may come from.
    """

    def __init__(self) -> None:
        self.inputs: dict[str, tuple[PipelineChannel, Source | None]] = {}
        self.outputs: dict[str, tuple[PipelineChannel, tuple[Source, ...]]] = {}


class Wiring:
    """The ports of all groups of a pipeline, which grow while tasks are compiled.

    Args:
        root: the pipeline's own group, checked (`kfp.dsl.topology`).
    """

    def __init__(self, root: TasksGroup) -> None:
        self._ports: dict[int, Ports] = {}
        self._connect(root, ())

    def ports(self, group: TasksGroup) -> Ports:
        """Return what goes into a group and comes out of it."""
        ports = self._ports.get(id(group))
        if ports is None:
            ports = self._ports[id(group)] = Ports()
        return ports

    def source(self, channel: PipelineChannel, group: TasksGroup) -> Source:
        """Return where a task of a group gets a channel; groups around it take it in where need be."""
        if isinstance(channel, SubVariable):
            return self.source(channel.item, group)._replace(selector=f'parseJson(string_value)["{channel.entry}"]')
        if isinstance(channel, Collected):
            home, local = self._collect(channel, group)
        else:
            if isinstance(channel, OneOf):
                self._choose(channel)
            producer = channel.producer
            home, local = channel.home, Source(channel.key, None if producer is None else producer.name)
        if home is group or group.parent is None:
            return local
        return Source(self._input(channel, group, self.input_name(channel, group)))

    def take(self, channel: PipelineChannel, group: TasksGroup) -> str:
        """Let a group take a channel from the DAG that it stands in, whole; return the name of its input."""
        return self._input(channel, group, self.input_name(channel, group.parent or group))

    def _input(self, channel: PipelineChannel, group: TasksGroup, wanted: str) -> str:
        """Return the input by which a group takes a channel; two loops over the same items give items of one name."""
        inputs = self.ports(group).inputs
        name, number = wanted, 1
        while name in inputs and not is_same(inputs[name][0], channel):
            number += 1
            name = f"{wanted}-{number}"
        if name not in inputs and group.parent is not None:
            inputs[name] = (channel, self.source(channel, group.parent))
        return name

    @staticmethod
    def input_name(channel: PipelineChannel, group: TasksGroup) -> str:
        """Return the name of a channel among the inputs of a group; what is collected is named by its loop."""
        if isinstance(channel, Collected):
            return f"{INPUT_PREFIX}{_loop(channel, group).name}-{INPUT_PREFIX}{channel.output.full_name}"
        return INPUT_PREFIX + channel.full_name

    def _connect(self, group: TasksGroup, inherited: Iterable[PipelineChannel]) -> None:
        """Connect the groups in a group with what they need themselves.

        As in KFP's documents, what a condition compares is an input of every group inside that has tasks; but an input
        of the pipeline is not, inside a condition on the item of another one.
        """
        for inner in group.groups:
            compared = list(inherited)
            if isinstance(inner, ConditionGroup) and any(_is_of_input(channel) for channel in inner.channels):
                compared = [channel for channel in inherited if not _is_input(channel)]
            if isinstance(inner, BlockGroup):
                for channel in inner.channels:
                    self.take(channel, inner)
                    if isinstance(channel, SubVariable) and not _is_constant(channel.item):
                        self.source(channel.item, inner)
            if isinstance(inner, ParallelFor):
                self.ports(inner).inputs[inner.item.key] = (inner.item, None)
            for channel in compared if inner.members else ():
                self.source(channel, inner)
            if isinstance(inner, ConditionGroup):
                compared += [
                    channel.item if isinstance(channel, SubVariable) else channel
                    for channel in inner.channels
                    if not (isinstance(channel, SubVariable) and _is_constant(channel.item))
                ]
            self._connect(inner, compared)

    def _collect(self, channel: Collected, group: TasksGroup) -> tuple[TasksGroup, Source]:
        """Let the groups around a collected output give it; return the group that has the loop, and the loop's."""
        loop = _loop(channel, group)
        name = INPUT_PREFIX + channel.output.full_name
        chain = [loop, *path(loop, channel.home)]
        producer = channel.output.producer
        local = Source(channel.key, None if producer is None else producer.name)
        for outer in reversed(chain):
            self.ports(outer).outputs[name] = (channel, (local,))
            local = Source(name, outer.name)
        return loop.parent or loop, local

    def _choose(self, channel: OneOf) -> None:
        """Let the branches, and the If, Elif and Else around them, give what a `dsl.OneOf` chooses from."""
        outputs = self.ports(channel.branches).outputs
        if channel.key in outputs:
            return
        sources = []
        for chosen in channel.channels:
            producer, name = chosen.producer, INPUT_PREFIX + chosen.full_name
            local = Source(chosen.key, None if producer is None else producer.name)
            self.ports(chosen.home).outputs.setdefault(name, (chosen, (local,)))
            sources.append(Source(name, chosen.home.name))
        outputs[channel.key] = (channel, tuple(sources))


def is_same(one: PipelineChannel, other: PipelineChannel) -> bool:
    """Tell whether two channels of one name are the same; each dsl.Collected of an output is."""
    return one is other or (isinstance(one, Collected) and isinstance(other, Collected))


def is_choice(group: TasksGroup, channel: PipelineChannel) -> bool:
    """Tell whether an output of a group is chosen among several."""
    return isinstance(group, Branches) and isinstance(channel, OneOf)


def _loop(channel: Collected, group: TasksGroup) -> TasksGroup:
    """Return the outermost group around a collected output that is not around the group that takes it."""
    loop = channel.home
    while loop.parent is not None and loop.parent is not group and inside(group, loop.parent) is None:
        loop = loop.parent
    return loop


def _is_constant(item: LoopParameter) -> bool:
    return not item.loop.channels


def _is_input(channel: PipelineChannel) -> bool:
    return channel.producer is None and channel.home.parent is None


def _is_of_input(channel: PipelineChannel) -> bool:
    """Tell whether a channel is the item, or an entry of it, of a loop over an input of the pipeline."""
    item = channel.item if isinstance(channel, SubVariable) else channel
    return isinstance(item, LoopParameter) and any(_is_input(items) for items in item.loop.channels)
