"""dsl.ExitHandler and ignore_upstream_failure: what runs whatever happens, and what it is told."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import Text, given, runs
from kfp import dsl


@runs(
    given(text="fine").within("note", "SUCCEEDED exit-handler-1"),
)
def after_success(text: str):
    with dsl.ExitHandler(parts.note()):
        steps.say(text=text)


@runs(
    given(text="boom").fails("boom").within("note", "then FAILED exit-handler-1").skips("exit-handler-1/say"),
)
def after_failure(text: str):
    with dsl.ExitHandler(parts.note(prefix="then ")):
        steps.say(text=parts.broken(text=text).output)


@runs(given().fails("told").within("reason", Text(r"\d+ .*ValueError: told.*")))
def the_reason_of_a_failure():
    with dsl.ExitHandler(parts.reason()):
        parts.broken(text="told")


@runs(given(x=1).within("note", "SUCCEEDED exit-handler-1").skips("exit-handler-1/condition-2"))
def all_inside_is_skipped(x: int):
    with dsl.ExitHandler(parts.note()):
        with dsl.If(x > 1):
            steps.done()


@runs(
    given().within("note", "one SUCCEEDED exit-handler-1").within("note-2", "two SUCCEEDED exit-handler-2"),
)
def two_side_by_side():
    one, two = parts.note(prefix="one "), parts.note(prefix="two ")
    with dsl.ExitHandler(one):
        steps.say(text="a")
    with dsl.ExitHandler(two):
        steps.say(text="b")


@runs(given().within("note", "SUCCEEDED exit-handler-1"))
def with_a_name():
    with dsl.ExitHandler(parts.note(), name="clean up"):
        steps.say(text="a")


@runs(given(text="x").within("say", "x done"))
def an_exit_task_without_a_status(text: str):
    last = steps.say(text=f"{text} done")
    with dsl.ExitHandler(last):
        steps.done()


@runs(given().fails("three").within("note", "FAILED exit-handler-1"))
def a_failure_in_a_loop():
    with dsl.ExitHandler(parts.note()):
        with dsl.ParallelFor(["three"]) as item:
            parts.broken(text=item)


@runs(given().within("note", "SUCCEEDED exit-handler-1"))
def tasks_before_and_in_the_handler():
    before = steps.say(text="before")
    with dsl.ExitHandler(parts.note()):
        steps.say(text=before.output)


@runs(given(path="{files}/log").fails("early").within("append", "last").skips("exit-handler-1"))
def a_failure_before_the_handler(path: str):
    last = parts.append(path=path, text="last")
    before = parts.broken(text="early")
    with dsl.ExitHandler(last):
        steps.say(text=before.output)


@runs(given().fails("alas").within("told-or-default", "default"))
def ignoring_a_failure():
    failed = parts.broken(text="alas")
    steps.done(message="x").after(failed).ignore_upstream_failure()
    told_or_default(text=failed.output).ignore_upstream_failure()


@dsl.component
def told_or_default(text: str = "default") -> str:
    return text


@runs(given().makes("fine"))
def ignoring_nothing() -> str:
    return told_or_default(text=steps.say(text="fine").output).ignore_upstream_failure().output


@runs(given().fails("deep").within("note", "FAILED exit-handler-1"))
def a_failure_in_a_nested_pipeline():
    with dsl.ExitHandler(parts.note()):
        fails_inside()


@dsl.pipeline
def fails_inside():
    parts.broken(text="deep")


@dsl.pipeline
def guards_itself(text: str) -> str:
    inner = parts.note(prefix="inner ")
    with dsl.ExitHandler(inner):
        parts.broken(text=text)
    return inner.output


@runs(
    given()
    .fails("both")
    .within("note", "outer FAILED exit-handler-1")
    .within("exit-handler-1/guards-itself/note", "inner FAILED exit-handler-1")
)
def a_handler_inside_of_another():
    with dsl.ExitHandler(parts.note(prefix="outer ")):
        guards_itself(text="both")


@runs(given().fails("first").within("note", "FAILED exit-handler-1").within("note-2", "SUCCEEDED exit-handler-2"))
def one_handler_fails_and_one_succeeds():
    one, two = parts.note(), parts.note()
    with dsl.ExitHandler(one):
        parts.broken(text="first")
    with dsl.ExitHandler(two):
        steps.say(text="b")


@runs(given().fails("at the end").within("exit-handler-1/say", "fine"))
def the_exit_task_itself_fails():
    with dsl.ExitHandler(parts.broken(text="at the end")):
        steps.say(text="fine")


@runs(
    given(path="{files}/count")
    .fails("attempt 2")
    .within("note", "FAILED exit-handler-1")
    .tries("exit-handler-1/at-attempt", 2)
)
def after_the_last_retry(path: str):
    with dsl.ExitHandler(parts.note()):
        parts.at_attempt(path=path, wanted=9).set_retry(num_retries=1)
