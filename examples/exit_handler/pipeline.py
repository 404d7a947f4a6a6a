"""A nightly import that may fail, and what happens in any case.

The task of a `dsl.ExitHandler` runs when everything in its block has ended, well or not, and a parameter of the type
`dsl.PipelineTaskFinalStatus` tells it which. A step may be tried again, and a task may ignore that another failed.
"""

from kfp import dsl


@dsl.component
def fetch(source: str) -> int:
    """Return how many rows the source has."""
    if source == "nowhere":
        raise ConnectionError("the source does not answer")
    return 3 * len(source)


@dsl.component
def load(rows: int) -> str:
    return f"{rows} rows loaded"


@dsl.component
def tidy(rows: int = 0) -> str:
    """Remove temporary files; without a number of rows the fetch has failed."""
    return f"{rows} rows removed from the staging area"


@dsl.component
def notify(recipient: str, status: dsl.PipelineTaskFinalStatus) -> str:
    message = f"To {recipient}: {status.state}"
    if status.error_message:
        message += f" ({status.error_message})"
    print(message)
    return message


@dsl.pipeline(name="nightly-import")
def nightly_import(source: str = "shop", recipient: str = "ada@example.com"):
    """Fetch and load rows, and say how it went."""
    with dsl.ExitHandler(exit_task=notify(recipient=recipient), name="import"):
        rows = fetch(source=source).set_retry(num_retries=1, backoff_duration="0s")
        load(rows=rows.output)
        tidy(rows=rows.output).ignore_upstream_failure()
