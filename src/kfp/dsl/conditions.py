"""Conditions: `with dsl.If(...)`, `dsl.Elif(...)`, `dsl.Else()`, and the deprecated `dsl.Condition(...)`."""

import warnings
from typing import Any, List, Optional, Union

from kfp.dsl.block import BlockGroup
from kfp.dsl.interface import type_text
from kfp.dsl.pipeline_channel import Comparison, PipelineChannel, find_channels
from kfp.dsl.pipeline_context import Pipeline
from kfp.dsl.tasks_group import TasksGroup
from kfp.errors import AuthoringError, InvalidControlFlowException
from kfp.runtime.parameter_types import parameter_type

_BOOL_TEXTS = ("true", "false")  # what a bool is as a text, to KFP's backend
_COMPARABLE = ("STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE", "BOOLEAN")

Decided = Union[Comparison, bool]  # for type checkers, a pipeline's input `x: int` is an int, and `x == 1` a bool


class ConditionGroup(BlockGroup):
    """Tasks that run only if a condition holds.

    Attributes:
        comparison: what must hold, or None for `dsl.Else`.
        refused: what must not hold: the comparisons of the branches before.
    """

    prefix = "condition"

    def __init__(self, comparison: Optional[Comparison], name: Optional[str]) -> None:
        super().__init__(name)
        self.comparison = comparison
        self.refused: List[Comparison] = []

    @property
    def channels(self) -> List[PipelineChannel]:
        """The channels that the condition compares, once each."""
        compared = self.refused + ([] if self.comparison is None else [self.comparison])
        operands = [operand for item in compared for operand in (item.left, item.right)]
        found = {id(operand): operand for operand in operands if isinstance(operand, PipelineChannel)}
        return list(found.values())


class Branches(TasksGroup):
    """The branches of an If with an Elif or Else, at most one of which runs.

    Args:
        first: the group of the If, whose place and number it takes.
        pipeline: the pipeline under construction.
    """

    keyword = "dsl.If"

    def __init__(self, first: ConditionGroup, pipeline: Pipeline) -> None:
        super().__init__(first.parent)
        siblings = self.parent.members if self.parent is not None else []
        self.name = "condition-branches" + first.name[len(first.prefix) :]
        self.place = first.place
        self.members.append(first)
        self.choices = 0  # the dsl.OneOf so far
        siblings[siblings.index(first)] = self
        first.parent = self
        first.name = pipeline.group_name(first.prefix)

    @property
    def branches(self) -> List[ConditionGroup]:
        """The If, the Elifs and the Else, in order."""
        return [member for member in self.members if isinstance(member, ConditionGroup)]


class If(ConditionGroup):
    """Run the tasks in the block only if a comparison holds: `with dsl.If(task.output == "heads"):`.

    Args:
        condition: a comparison of an output or input with another, or with a constant.
        name: the name that people see.

    Raises:
        AuthoringError: the condition is not a comparison that can be decided when the pipeline runs.
    """

    keyword = "dsl.If"

    def __init__(self, condition: Decided, name: Optional[str] = None) -> None:
        super().__init__(None, name)
        self.comparison = _comparison(condition, self)


class Condition(If):
    """Deprecated: `dsl.If` by its former name."""

    keyword = "dsl.Condition"

    def __init__(self, condition: Decided, name: Optional[str] = None) -> None:
        warnings.warn(
            "dsl.Condition is deprecated. Please use dsl.If instead.", category=DeprecationWarning, stacklevel=2
        )
        super().__init__(condition, name)


class _Alternative(ConditionGroup):
    def enter(self, around: TasksGroup) -> None:
        """Take a name, and become a branch of the If before."""
        before = around.groups[-1] if around.groups else None
        last = before.branches[-1] if isinstance(before, Branches) else before
        if not isinstance(last, ConditionGroup) or isinstance(last, Else):
            raise InvalidControlFlowException(
                "{} follows {}".format(
                    self.keyword, "a dsl.Else" if isinstance(last, Else) else "no dsl.If or dsl.Elif"
                ),
                hint="write it right after the block of the dsl.If or dsl.Elif that it belongs to",
            )
        branches = before if isinstance(before, Branches) else Branches(last, self.pipeline)
        self.refused = [branch.comparison for branch in branches.branches if branch.comparison is not None]
        self.name = self.pipeline.group_name(self.prefix)
        self.parent = branches
        branches.members.append(self)

    def outside(self) -> TasksGroup:
        """Give the group around all branches."""
        branches = self.parent
        return branches.parent if branches is not None and branches.parent is not None else self.pipeline.root


class Elif(_Alternative):
    """Run the tasks in the block if no branch before did and a comparison holds.

    Args:
        condition: a comparison, as of `dsl.If`.
        name: the name that people see.

    Raises:
        InvalidControlFlowException: no If or Elif stands before it.
        AuthoringError: the condition is not a comparison that can be decided when the pipeline runs.
    """

    keyword = "dsl.Elif"

    def __init__(self, condition: Decided, name: Optional[str] = None) -> None:
        super().__init__(None, name)
        self.comparison = _comparison(condition, self)


class Else(_Alternative):
    """Run the tasks in the block if no branch before did.

    Args:
        name: the name that people see.

    Raises:
        InvalidControlFlowException: no If or Elif stands before it.
    """

    keyword = "dsl.Else"

    def __init__(self, name: Optional[str] = None) -> None:
        super().__init__(None, name)


def _comparison(condition: Any, group: ConditionGroup) -> Comparison:
    where = "the condition of {}".format(group.keyword)
    if isinstance(condition, bool):
        raise AuthoringError(
            "{} is the constant {}: it was decided when the pipeline was built".format(where, condition),
            hint="compare an output of a task or an input of the pipeline",
        )
    if isinstance(condition, PipelineChannel):
        raise AuthoringError(
            "{} is {}, which is not a comparison".format(where, condition.title),
            hint="write what it must be, such as dsl.If(task.output == True)",
        )
    if not isinstance(condition, Comparison):
        raise AuthoringError(
            "{} is {!r}, which is not a comparison".format(where, condition),
            hint="compare an output of a task or an input of the pipeline with ==, !=, <, <=, > or >=",
        )
    _check_operands(where, condition, group)
    return condition


def _check_operands(where: str, condition: Comparison, group: ConditionGroup) -> None:
    for operand in (condition.left, condition.right):
        if isinstance(operand, PipelineChannel):
            if operand.pipeline is not group.pipeline:
                raise AuthoringError("{} compares {}, which is not of this pipeline".format(where, operand.title))
            if operand.type not in _COMPARABLE:
                raise AuthoringError(
                    "{} compares {}, which is {}".format(where, operand.title, type_text(operand)),
                    hint="compare text, numbers and bools; compute one of them in a component",
                )
        elif not isinstance(operand, (str, int, float, bool)):
            raise AuthoringError(
                "{} compares with {!r}".format(where, operand), hint="compare with text, a number or a bool"
            )
        elif find_channels(operand, group.pipeline):
            raise AuthoringError(
                "{} compares with a text that holds a value of the running pipeline".format(where),
                hint="make the text in a component, and compare with its output",
            )
    operands = (condition.left, condition.right)
    kinds = {_kind(operand) for operand in operands}
    texts = [operand for operand in operands if isinstance(operand, str)]
    if "BOOLEAN" in kinds and any(text not in _BOOL_TEXTS for text in texts):
        raise AuthoringError(
            "{} compares a bool with a text that is neither 'true' nor 'false': `{!r}`".format(where, condition),
            hint="compare with True or False",
        )
    if "BOOLEAN" in kinds and not kinds <= {"BOOLEAN", "STRING"}:
        raise AuthoringError(
            "{} compares a bool with a number: `{!r}`".format(where, condition), hint="compare with True or False"
        )


def _kind(operand: Any) -> Optional[str]:
    return operand.type if isinstance(operand, PipelineChannel) else parameter_type(type(operand))
