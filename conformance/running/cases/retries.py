"""set_retry: a step that fails is tried again."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import given, runs
from kfp import dsl


@runs(given(path="{files}/count").makes(3).tries("at-attempt", 3))
def the_third_attempt_succeeds(path: str) -> int:
    return parts.at_attempt(path=path, wanted=3).set_retry(num_retries=4).output


@runs(given(path="{files}/count").fails("attempt 3").tries("at-attempt", 3).skips("add"))
def no_more_attempts(path: str):
    task = parts.at_attempt(path=path, wanted=9).set_retry(num_retries=2)
    steps.add(a=task.output)


@runs(given(path="{files}/count").makes(2).tries("at-attempt", 2))
def with_a_short_backoff(path: str) -> int:
    task = parts.at_attempt(path=path, wanted=2)
    task.set_retry(num_retries=1, backoff_duration="0s", backoff_factor=1.0, backoff_max_duration="1s")
    return task.output


@runs(given(path="{files}/count").makes(1).tries("at-attempt", 1))
def the_first_attempt_succeeds(path: str) -> int:
    return parts.at_attempt(path=path, wanted=1).set_retry(num_retries=2).output


@runs(given(path="{files}/count").makes([2, 2]))
def in_a_loop(path: str) -> list:
    with dsl.ParallelFor(["a", "b"]) as item:
        task = parts.at_attempt(path=f"{path}-{item}", wanted=2).set_retry(num_retries=1)
    return dsl.Collected(task.output)


@runs(given(path="{files}/count").fails("attempt 1").tries("at-attempt", 1))
def no_attempts_are_asked_for(path: str):
    parts.at_attempt(path=path, wanted=2)
