"""ExitHandler, final status, ignore_upstream_failure."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline
def one_handler():
    last = steps.done()
    with dsl.ExitHandler(last):
        steps.say(text="a")


@pipeline
def a_name():
    last = steps.done()
    with dsl.ExitHandler(last, name="My handler"):
        steps.say(text="a")


@pipeline
def the_final_status(note: str):
    last = steps.status_of()
    with dsl.ExitHandler(last):
        steps.say(text=note)


@pipeline
def the_final_status_and_inputs(note: str):
    last = steps.status_of(note=note)
    with dsl.ExitHandler(last):
        first = steps.say(text=note)
        steps.say(text=first.output)


@pipeline
def several_handlers(note: str):
    first, second = steps.done(message="1"), steps.status_of(note="2")
    with dsl.ExitHandler(first):
        steps.say(text=note)
    with dsl.ExitHandler(second):
        steps.say(text="b")


@pipeline
def inputs_from_tasks_before():
    made = steps.say(text="m")
    last = steps.done(message="x")
    with dsl.ExitHandler(last):
        steps.say(text=made.output)


@pipeline
def conditions_and_loops_inside(x: int):
    last = steps.done()
    with dsl.ExitHandler(last):
        with dsl.If(x > 1):
            steps.add(a=x)
        with dsl.Else():
            with dsl.ParallelFor([1, 2]) as item:
                steps.add(a=item, b=x)


@pipeline
def nested_loops_in_conditions(x: int, items: list):
    last = steps.status_of(note="n")
    with dsl.ExitHandler(last, name="outer"):
        made = steps.add(a=x)
        with dsl.If(made.output > 1, name="big"):
            with dsl.ParallelFor(items, name="loop") as outer:
                with dsl.ParallelFor([1, 2]) as inner:
                    with dsl.If(inner == 1):
                        steps.say(text=f"{outer} {inner} {made.output} {x}")


@pipeline
def collected_inside():
    last = steps.done()
    with dsl.ExitHandler(last):
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        steps.total(values=dsl.Collected(made.output))


@pipeline
def one_of_inside(x: int):
    last = steps.done()
    with dsl.ExitHandler(last):
        with dsl.If(x > 1):
            first = steps.say(text="a")
        with dsl.Else():
            second = steps.say(text="b")
        steps.say(text=dsl.OneOf(first.output, second.output))


@pipeline
def tasks_after_a_handler():
    last = steps.done()
    with dsl.ExitHandler(last) as handler:
        steps.say(text="a")
    steps.say(text="b").after(handler)


@component
def a_subpipeline_as_the_exit_task():
    @dsl.pipeline
    def cleanup(note: str = "x"):
        steps.done(message=note)

    @dsl.pipeline
    def a_subpipeline_as_the_exit_task():
        last = cleanup(note="y")
        with dsl.ExitHandler(last):
            steps.say(text="a")

    return a_subpipeline_as_the_exit_task


@component
def a_handler_in_a_subpipeline():
    @dsl.pipeline
    def inner(a: int):
        last = steps.done()
        with dsl.ExitHandler(last):
            steps.add(a=a)

    @dsl.pipeline
    def a_handler_in_a_subpipeline(x: int):
        inner(a=x)
        inner(a=3)

    return a_handler_in_a_subpipeline


@pipeline
def settings_of_the_exit_task():
    last = steps.done().set_caching_options(False).set_display_name("Clean up").set_cpu_limit("1")
    with dsl.ExitHandler(last):
        steps.say(text="a").set_retry(2)


@pipeline
def ignore_upstream_failure(x: int):
    first = steps.add(a=x)
    steps.done(message="m").after(first).ignore_upstream_failure()


@pipeline
def ignore_upstream_failure_with_a_default(x: int):
    @dsl.component
    def first() -> str:
        return "a"

    @dsl.component
    def clean(text: str = "default"):
        pass

    made = first()
    clean(text=made.output).ignore_upstream_failure()


@pipeline
def the_status_of_an_upstream_task(x: int):
    first = steps.add(a=x)
    steps.status_of(note="n").after(first).ignore_upstream_failure()


@component
def ignore_upstream_failure_of_a_subpipeline():
    @dsl.pipeline
    def inner(a: int):
        steps.add(a=a)

    @dsl.pipeline
    def ignore_upstream_failure_of_a_subpipeline(x: int):
        first = inner(a=x)
        steps.done(message="m").after(first).ignore_upstream_failure()

    return ignore_upstream_failure_of_a_subpipeline
