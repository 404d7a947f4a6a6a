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


@dsl.pipeline
def patient(path: str) -> int:
    with dsl.If(steps.add(a=1).output == 2):  # a step that is done does not run again
        with dsl.ParallelFor(["a"]) as item:
            parts.at_attempt(path=f"{path}-{item}", wanted=2)
    return steps.add(a=parts.at_attempt(path=path, wanted=3).output).output


@runs(given(path="{files}/count").makes(4).tries("patient/at-attempt-2", 3).tries("patient/add", 1))
def of_a_nested_pipeline(path: str) -> int:
    return patient(path=path).set_retry(num_retries=2).output


@dsl.pipeline
def patient_at_once(path: str, wanted: int) -> int:
    return parts.at_attempt(path=path, wanted=wanted).set_retry(num_retries=1).output


@runs(
    given(path="{files}/count", wanted=4).makes(4).tries("patient-at-once/at-attempt", 4),
    given(path="{files}/other", wanted=9).fails("attempt 4").tries("patient-at-once/at-attempt", 4),
)
def of_a_nested_pipeline_whose_steps_have_their_own(path: str, wanted: int) -> int:
    return patient_at_once(path=path, wanted=wanted).set_retry(num_retries=1).output
