"""after, and what follows from the inputs of tasks."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import given, runs
from kfp import dsl


@runs(given(path="{files}/log").makes("abcd"))
def one_after_the_other(path: str) -> str:
    a = parts.append(path=path, text="a")
    b = parts.append(path=path, text="b").after(a)
    c = parts.append(path=path, text="c").after(a, b)
    d = parts.append(path=path, text="d").after(c)
    return parts.contents(path=path).after(d).output


@runs(given(path="{files}/log").makes("xyz!"))
def after_a_loop(path: str) -> str:
    with dsl.ParallelFor(["x", "y", "z"], parallelism=1) as item:
        task = parts.append(path=path, text=item)
    last = parts.append(path=path, text="!").after(task)
    return parts.contents(path=path).after(last).output


@runs(given(path="{files}/log").makes("12"))
def after_a_nested_pipeline(path: str) -> str:
    first = appends(path=path)
    second = parts.append(path=path, text="2").after(first)
    return parts.contents(path=path).after(second).output


@dsl.pipeline
def appends(path: str):
    parts.append(path=path, text="1")


@runs(given().makes(15))
def a_diamond() -> int:
    top = steps.add(a=1, b=1)
    left, right = steps.add(a=top.output, b=10), steps.add(a=top.output, b=-1)
    return steps.add(a=left.output, b=steps.add(a=right.output, b=2).output).output


@runs(given(x=0).makes(12))
def a_chain(x: int) -> int:
    task = steps.add(a=x)
    for _ in range(11):
        task = steps.add(a=task.output)
    return task.output


@runs(given().fails("first").skips("say", "say-2", "say-3"))
def what_needs_a_failed_task_is_skipped():
    failed = parts.broken(text="first")
    a = steps.say(text=failed.output)
    steps.say(text=a.output)
    steps.say(text="x").after(failed)


@runs(given(folder="{files}/place").makes("met,met"))
def tasks_that_need_nothing_of_each_other_run_at_the_same_time(folder: str) -> str:
    one = parts.meet(folder=folder, name="one", count=2)
    two = parts.meet(folder=folder, name="two", count=2)
    return parts.concat(a=f"{one.output},", b=two.output).output


@runs(given(folder="{files}/place").makes(["met", "met", "met", "met"]))
def iterations_run_at_the_same_time(folder: str) -> list:
    with dsl.ParallelFor(["a", "b", "c", "d"]) as name:
        task = parts.meet(folder=folder, name=name, count=4)
    return dsl.Collected(task.output)


@runs(given(folder="{files}/place").makes(["met", "met", "met"]))
def as_many_iterations_as_are_wanted_run_at_the_same_time(folder: str) -> list:
    with dsl.ParallelFor(["a", "b", "c"], parallelism=3) as name:
        task = parts.meet(folder=folder, name=name, count=3)
    return dsl.Collected(task.output)
