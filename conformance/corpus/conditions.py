"""If, Elif, Else, and the deprecated Condition."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline
def if_on_a_pipeline_input(text: str):
    with dsl.If(text == "a"):
        steps.say(text="yes")


@pipeline
def if_on_a_task_output():
    coin = steps.flip()
    with dsl.If(coin.output == "heads"):
        steps.say(text=coin.output)


@pipeline
def every_operator_on_integers(x: int):
    task = steps.add(a=x)
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


@pipeline
def floats_booleans_and_quotes(real: float, flag: bool, text: str):
    with dsl.If(real > 1.5):
        steps.done()
    with dsl.If(flag == True):  # noqa: E712
        steps.done()
    with dsl.If(flag == False):  # noqa: E712
        steps.done()
    with dsl.If(text == "it's"):
        steps.done()
    with dsl.If(text == 'say "x"'):
        steps.done()


@pipeline
def a_constant_on_the_left(x: int):
    with dsl.If(5 > x):
        steps.done()
    with dsl.If("a" == steps.say(text="a").output):  # noqa: SIM300
        steps.done()


@pipeline
def two_channels(x: int, y: int):
    with dsl.If(x == y):
        steps.done()
    with dsl.If(steps.add(a=x).output < steps.add(a=y).output):
        steps.done()
    with dsl.If(steps.add(a=x).output >= y):
        steps.done()


@pipeline
def if_else(x: int):
    with dsl.If(x > 1):
        steps.say(text="more")
    with dsl.Else():
        steps.say(text="less")


@pipeline
def if_elif_else(x: int):
    with dsl.If(x > 10):
        steps.say(text="many")
    with dsl.Elif(x > 5):
        steps.say(text="some")
    with dsl.Elif(x == 3):
        steps.say(text="three")
    with dsl.Else():
        steps.say(text="few")


@pipeline
def if_elif_without_else(x: int):
    task = steps.add(a=x)
    with dsl.If(task.output > 10):
        steps.say(text="many")
    with dsl.Elif(task.output > 5):
        steps.say(text="some")


@pipeline
def elif_on_other_channels(x: int, text: str):
    coin = steps.flip()
    with dsl.If(x > 10):
        steps.say(text="a")
    with dsl.Elif(coin.output == "heads"):
        steps.say(text="b")
    with dsl.Elif(text == coin.output):
        steps.say(text="c")
    with dsl.Else():
        steps.say(text=text)


@pipeline
def names_of_branches(x: int):
    with dsl.If(x > 10, name="many things"):
        steps.done()
    with dsl.Elif(x > 5, name="Some_Things"):
        steps.done()
    with dsl.Else(name="few"):
        steps.done()
    with dsl.If(x == 0, name="many things"):
        steps.done()


@pipeline
def condition_is_deprecated_but_works(x: int):
    with dsl.Condition(x > 10):
        steps.done()
    with dsl.Condition(x > 10, name="big"):
        steps.done()


@pipeline
def nested(x: int, text: str):
    with dsl.If(x > 1):
        inner = steps.add(a=x)
        with dsl.If(text == "a"):
            steps.add(a=inner.output)
            with dsl.If(inner.output == 3):
                steps.say(text=text)
        with dsl.Else():
            steps.add(a=inner.output, b=x)


@pipeline
def nested_in_else(x: int):
    with dsl.If(x > 1):
        steps.done()
    with dsl.Else():
        with dsl.If(x < -1):
            steps.done()
        with dsl.Elif(x == 0):
            steps.done()
        with dsl.Else():
            steps.done()


@pipeline
def two_conditions_one_after_the_other(x: int):
    with dsl.If(x > 1):
        steps.done()
    with dsl.Else():
        steps.done()
    with dsl.If(x > 2):
        steps.done()
    with dsl.Else():
        steps.done()


@pipeline
def values_from_outside(x: int, y: int, text: str):
    first, second = steps.add(a=x), steps.add(a=y)
    with dsl.If(first.output > 1):
        steps.add(a=first.output, b=second.output)
        steps.say(text=f"{text}: {first.output} {x}")
        steps.total(values=[x, second.output])


@pipeline
def artifacts_from_outside(rows: int):
    data = steps.make_dataset(rows=rows)
    with dsl.If(rows > 3):
        trained = steps.train(data=data.outputs["data"])
        with dsl.If(trained.outputs["Output"] > 0.5):
            steps.evaluate(model=trained.outputs["model"], data=data.outputs["data"])


@pipeline
def one_of_several_outputs():
    made = steps.two()
    with dsl.If(made.outputs["number"] == 1):
        steps.say(text=made.outputs["text"])


@component
def a_subpipeline_in_a_branch():
    @dsl.pipeline
    def inner(a: int) -> int:
        return steps.add(a=a).output

    @dsl.pipeline
    def a_subpipeline_in_a_branch(x: int):
        with dsl.If(x > 1):
            made = inner(a=x)
            steps.add(a=made.output)

    return a_subpipeline_in_a_branch


@pipeline
def none_is_compared(x: int = 3):
    with dsl.If(x == 3):
        steps.done().set_caching_options(False).set_display_name("Three")


@pipeline
def a_task_between_if_and_else(x: int):
    with dsl.If(x > 1):
        steps.done()
    steps.say(text="between")
    with dsl.Else():
        steps.done()


@pipeline
def tasks_after_elif_without_else(x: int):
    with dsl.If(x > 1):
        steps.done()
    with dsl.Elif(x > 0):
        steps.done()
    steps.say(text="after")


@pipeline
def tasks_after_elif_without_else_in_a_loop(x: int):
    with dsl.ParallelFor([1, 2]):
        with dsl.If(x > 1):
            steps.done()
        with dsl.Elif(x > 0):
            steps.done()
        steps.say(text="inside")
    steps.say(text="outside")
