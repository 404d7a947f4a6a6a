"""If, Elif, Else: which branch runs, on values of every type."""

from typing import List

from conformance import steps
from conformance.running import parts
from conformance.running.case import given, runs
from kfp import dsl


@runs(
    given(x=1).skips("condition-2", "condition-3", "condition-5"),
    given(x=2).skips("condition-1", "condition-5", "condition-6"),
    given(x=0).skips("condition-1", "condition-3", "condition-4"),
)
def every_operator_on_integers(x: int):
    task = steps.add(a=x, b=0)
    with dsl.If(task.output == 1):
        steps.done()
    with dsl.If(task.output != 1):
        steps.done()
    with dsl.If(task.output > 1):
        steps.done()
    with dsl.If(task.output >= 1):
        steps.done()
    with dsl.If(task.output < 1):
        steps.done()
    with dsl.If(task.output <= 1):
        steps.done()


@runs(
    given(x=1.5).skips("condition-1", "condition-3"),
    given(x=1.75).skips("condition-2", "condition-3", "condition-4"),
    given(x=-0.25).skips("condition-1", "condition-2"),
)
def floats(x: float):
    task = steps.double(number=x)
    with dsl.If(task.output > 3.0):
        steps.done()
    with dsl.If(task.output == 3.0):
        steps.done()
    with dsl.If(task.output < 0.0):
        steps.done()
    with dsl.If(x <= 1.5):
        steps.done()


@runs(given(flag=True).skips("condition-2", "condition-3"), given(flag=False).skips("condition-1", "condition-4"))
def booleans(flag: bool):
    other = steps.check(flag=flag)
    with dsl.If(flag == True):  # noqa: E712
        steps.done()
    with dsl.If(flag == False):  # noqa: E712
        steps.done()
    with dsl.If(other.output == True):  # noqa: E712
        steps.done()
    with dsl.If(other.output != True):  # noqa: E712
        steps.done()


@runs(
    given(text="it's").makes("apostrophe"),
    given(text="a\\b").makes("backslash"),
    given(text="a\b").makes("backspace"),
    given(text="one\ntwo").makes("lines"),
    given(text="its").makes("none"),
    only="upstream's compiler escapes nothing, and the text ends too early or is another one",
)
def texts_with_an_apostrophe_and_more(text: str) -> str:
    with dsl.If(text == "it's"):
        a = steps.say(text="apostrophe")
    with dsl.Elif(text == "a\\b"):
        b = steps.say(text="backslash")
    with dsl.Elif(text == "a\b"):
        c = steps.say(text="backspace")
    with dsl.Elif(text == "one\ntwo"):
        d = steps.say(text="lines")
    with dsl.Else():
        e = steps.say(text="none")
    return dsl.OneOf(a.output, b.output, c.output, d.output, e.output)


@runs(
    given(text='say "x"').makes("quotes"),
    given(text="Grüße, 世界 🌍").makes("unicode"),
    given(text="").makes("empty"),
    given(text="{{$}} && true || x == y").makes("signs"),
    given(text="its").makes("none"),
)
def texts_with_quotes_and_more(text: str) -> str:
    with dsl.If(text == 'say "x"'):
        a = steps.say(text="quotes")
    with dsl.Elif(text == "Grüße, 世界 🌍"):
        b = steps.say(text="unicode")
    with dsl.Elif(text == ""):
        c = steps.say(text="empty")
    with dsl.Elif(text == "{{$}} && true || x == y"):
        d = steps.say(text="signs")
    with dsl.Else():
        e = steps.say(text="none")
    return dsl.OneOf(a.output, b.output, c.output, d.output, e.output)


@runs(
    given(text="b").skips("condition-2", "condition-3"),
    given(text="a").skips("condition-1", "condition-3"),
    given(text="B").skips("condition-1", "condition-2"),
)
def texts_are_compared_by_their_characters(text: str):
    with dsl.If(text > "a"):
        steps.done()
    with dsl.If(text == "a"):
        steps.done()
    with dsl.If(text < "a"):
        steps.done()


@runs(
    given(x=1, y=1).skips("condition-1/condition-3"),
    given(x=1, y=2).skips("condition-1/condition-2"),
    given(x=2, y=1).skips("condition-1"),
)
def nested(x: int, y: int):
    with dsl.If(x == 1):
        with dsl.If(y == 1):
            steps.done()
        with dsl.If(y == 2):
            steps.done()


@runs(
    given(x=3, y=3).makes("same"),
    given(x=3, y=4).makes("less"),
    given(x=4, y=3).makes("more"),
)
def two_tasks_compared(x: int, y: int) -> str:
    one, two = steps.add(a=x, b=0), steps.add(a=y, b=0)
    with dsl.If(one.output == two.output):
        a = steps.say(text="same")
    with dsl.Elif(one.output < two.output):
        b = steps.say(text="less")
    with dsl.Else():
        c = steps.say(text="more")
    return dsl.OneOf(a.output, b.output, c.output)


@runs(given(x=1).skips("condition-1"), given(x=5).skips("condition-2"))
def the_constant_on_the_left(x: int):
    with dsl.If(3 < x):
        steps.done()
    with dsl.If(3 >= x):
        steps.done()


@runs(given().skips("condition-2"), given(x=8, text="other").skips("condition-1", "condition-3"))
def defaults_of_the_pipeline(x: int = 1, text: str = "text"):
    with dsl.If(x == 1):
        steps.done()
    with dsl.If(x == 8):
        steps.done()
    with dsl.If(text == "text"):
        steps.done()


@runs(given().skips("condition-2").within("condition-1/say", "seven"))
def named_outputs():
    task = parts.mixed()
    with dsl.If(task.outputs["number"] == 7):
        steps.say(text=task.outputs["text"])
    with dsl.If(task.outputs["text"] != "seven"):
        steps.done()


@runs(
    given(items=[1, 2, 3])
    .skips("for-loop-1/0/condition-2", "for-loop-1/1/condition-3", "for-loop-1/2/condition-3")
    .within("for-loop-1/1/condition-2/add", 3)
)
def items_of_a_loop(items: List[int]):
    with dsl.ParallelFor(items) as item:
        with dsl.If(item > 1):
            steps.add(a=item)
        with dsl.If(item == 1):
            steps.done()


@runs(
    given().skips("for-loop-2/0/condition-3").within("for-loop-2/1/condition-3/say", "b"),
    only="upstream cannot compile it",
)
def sub_variables_of_a_loop():
    with dsl.ParallelFor([{"word": "a", "wanted": "no"}, {"word": "b", "wanted": "yes"}]) as row:
        with dsl.If(row.wanted == "yes"):
            steps.say(text=row.word)


@runs(given(x=1).skips("condition-branches-1/condition-4"), given(x=5).skips("condition-branches-1/condition-5"))
def a_loop_in_each_branch(x: int):
    with dsl.If(x > 3):
        with dsl.ParallelFor([1, 2]) as item:
            steps.add(a=item, b=x)
    with dsl.Else():
        with dsl.ParallelFor(["a"]) as item:
            steps.say(text=item)


@runs(given(x=2).skips("condition-2"), given(x=1).skips("condition-1"))
def the_deprecated_condition(x: int):
    with dsl.Condition(x == 2, name="two"):
        steps.done()
    with dsl.Condition(x != 2):
        steps.done()


@runs(
    given(x=0).makes("else").skips("condition-branches-1/condition-2", "condition-branches-1/condition-3"),
    given(x=1).makes("if").skips("condition-branches-1/condition-3", "condition-branches-1/condition-4"),
    given(x=2).makes("elif").skips("condition-branches-1/condition-2", "condition-branches-1/condition-4"),
)
def the_outputs_of_branches_elsewhere(x: int) -> str:
    with dsl.If(x == 1):
        a = steps.say(text="if")
    with dsl.Elif(x == 2):
        b = steps.say(text="elif")
    with dsl.Else():
        c = steps.say(text="else")
    return steps.say(text=dsl.OneOf(a.output, b.output, c.output)).output


@runs(given(x=3).skips("condition-branches-1/condition-3"), given(x=1).skips("condition-branches-1/condition-2"))
def if_and_elif_without_else(x: int):
    with dsl.If(x > 2):
        steps.done()
    with dsl.Elif(x > 0):
        steps.done()


@runs(given(x=9).fails("upper"))
def a_failure_inside_of_a_branch(x: int):
    with dsl.If(x == 9):
        steps.say(text=parts.broken(text="upper").output)
