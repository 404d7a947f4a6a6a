"""Components that are commands: any image, any program, no Python of ours in it.

The function of a `dsl.container_component` says how the command is made of its inputs, and where it finds and leaves
files; what is a placeholder in it is filled in when the step starts. The values never become a part of the script.
"""

from typing import NamedTuple, Optional

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

IMAGE = "python:3.11"  # any image with a shell would do
SEARCH = 'found=$1 count=$2; shift 2; grep "$@" > "$found"; wc -l < "$found" > "$count"'


@dsl.container_component
def numbers(last: int, lines: Output[Dataset]):
    """Write the numbers from 1 on, a line each."""
    return dsl.ContainerSpec(image=IMAGE, command=["sh", "-ec", 'seq "$0" > "$1"'], args=[last, lines.path])


@dsl.container_component
def search(
    lines: Input[Dataset],
    ending: str,
    found: Output[Dataset],
    count: dsl.OutputPath(int),
    limit: Optional[int] = None,
):
    """Keep the lines that end so, no more than the limit if there is one, and count them."""
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["sh", "-c", SEARCH, "search"],
        args=[
            found.path,
            count,
            dsl.IfPresentPlaceholder("limit", then=[dsl.ConcatPlaceholder(["--max-count=", limit])]),
            f"{ending}$",
            lines.path,
        ],
    )


@dsl.container_component
def congratulate(count: int, run: str, text: dsl.OutputPath(str)):
    return dsl.ContainerSpec(
        image=IMAGE, command=["sh", "-ec", 'echo "$0 lines, says $1" > "$2"'], args=[count, run, text]
    )


class Found(NamedTuple):
    all: int
    first: int


@dsl.pipeline(name="search")
def search_pipeline(last: int = 100, ending: str = "7") -> Found:
    """Search the same numbers twice, with and without a limit."""
    lines = numbers(last=last).outputs["lines"]
    whole = search(lines=lines, ending=ending)
    first = search(lines=lines, ending=ending, limit=3)
    congratulate(count=whole.outputs["count"], run=dsl.PIPELINE_JOB_NAME_PLACEHOLDER)
    return Found(whole.outputs["count"], first.outputs["count"])
