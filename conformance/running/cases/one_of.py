"""dsl.OneOf: the output of the branch that ran."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, given, runs
from kfp import dsl
from kfp.dsl import Dataset


@runs(given(x=1).makes(101), given(x=2).makes(202), given(x=3).makes(303))
def three_branches(x: int) -> int:
    with dsl.If(x == 1):
        a = steps.add(a=x, b=100)
    with dsl.Elif(x == 2):
        b = steps.add(a=x, b=200)
    with dsl.Else():
        c = steps.add(a=x, b=300)
    return dsl.OneOf(a.output, b.output, c.output)


@runs(
    given(x=1).makes(Art("system.Dataset", "one", {"length": 3})),
    given(x=2).makes(Art("system.Dataset", "other", {"length": 5})),
)
def artifacts_as_the_output_of_the_pipeline(x: int) -> Dataset:
    with dsl.If(x == 1):
        a = parts.write(text="one")
    with dsl.Else():
        b = parts.write(text="other")
    return dsl.OneOf(a.outputs["data"], b.outputs["data"])


@runs(given(x=1).makes("one"), given(x=2).makes("other"))
def artifacts_that_a_task_reads(x: int) -> str:
    with dsl.If(x == 1):
        a = parts.write(text="one")
    with dsl.Else():
        b = parts.write(text="other")
    return parts.read(data=dsl.OneOf(a.outputs["data"], b.outputs["data"])).output


@runs(
    given(x=1, y=1).makes("both"),
    given(x=1, y=0).makes("x"),
    given(x=0, y=1).makes("y"),
    given(x=0, y=0).makes("none"),
)
def nested(x: int, y: int) -> str:
    with dsl.If(x == 1):
        with dsl.If(y == 1):
            a = steps.say(text="both")
        with dsl.Else():
            b = steps.say(text="x")
        inner = steps.say(text=dsl.OneOf(a.output, b.output))
    with dsl.Else():
        with dsl.If(y == 1):
            c = steps.say(text="y")
        with dsl.Else():
            d = steps.say(text="none")
        other = steps.say(text=dsl.OneOf(c.output, d.output))
    return dsl.OneOf(inner.output, other.output)


@runs(given(x=1).makes("SEVEN"), given(x=0).makes("NOTHING"))
def named_outputs(x: int) -> str:
    with dsl.If(x == 1):
        a = parts.mixed()
    with dsl.Else():
        b = steps.say(text="nothing")
    return parts.upper(text=dsl.OneOf(a.outputs["text"], b.output)).output


@runs(given(x=1).makes("2 3"), given(x=0).makes("0"))
def the_collected_of_a_branch(x: int) -> str:
    with dsl.If(x == 1):
        with dsl.ParallelFor([1, 2]) as item:
            one = steps.add(a=item)
        a = spaced(values=dsl.Collected(one.output))
    with dsl.Else():
        b = parts.show_int(value=x)
    return dsl.OneOf(a.output, b.output)


@dsl.component
def spaced(values: list) -> str:
    return " ".join(map(str, values))


@dsl.pipeline
def heads_or_tails(coin: str) -> str:
    with dsl.If(coin == "heads"):
        a = steps.say(text="H")
    with dsl.Else():
        b = steps.say(text="T")
    return dsl.OneOf(a.output, b.output)


@runs(given().makes("HT"))
def in_a_nested_pipeline() -> str:
    one, two = heads_or_tails(coin="heads"), heads_or_tails(coin="tails")
    return parts.concat(a=one.output, b=two.output).output


@runs(given().makes("['odd', 'even', 'odd']"))
def in_a_loop() -> str:
    with dsl.ParallelFor([1, 2, 3]) as item:
        with dsl.If(item == 2):
            a = steps.say(text="even")
        with dsl.Else():
            b = steps.say(text="odd")
        task = steps.say(text=dsl.OneOf(a.output, b.output))
    return parts.show_list(value=dsl.Collected(task.output)).output


@runs(given(x=1).fails("it is one"), given(x=2).makes("two"))
def a_branch_that_fails(x: int) -> str:
    with dsl.If(x == 1):
        a = parts.broken(text="it is one")
    with dsl.Else():
        b = steps.say(text="two")
    return steps.say(text=dsl.OneOf(a.output, b.output)).output
