"""What the placeholders stand for while a pipeline runs."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import Text, given, runs
from kfp import dsl

ID = r"[0-9a-f-]{8,36}"
TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


@dsl.component
def tell(a: str, b: str = "", c: str = "") -> str:
    return " ".join([a, b, c])


@runs(given().makes(Text(f"names-and-ids-.+ .*names-and-ids-.+ {ID}")))
def names_and_ids() -> str:
    return tell(
        a=dsl.PIPELINE_JOB_NAME_PLACEHOLDER,
        b=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER,
        c=dsl.PIPELINE_JOB_ID_PLACEHOLDER,
    ).output


@runs(given().makes(Text(r"tell-2 .+")))
def names_and_ids_of_tasks() -> str:
    tell(a="first")
    return tell(a=dsl.PIPELINE_TASK_NAME_PLACEHOLDER, b=dsl.PIPELINE_TASK_ID_PLACEHOLDER).output


@runs(given().makes(Text(f"{TIME} {TIME} ")))
def times() -> str:
    return tell(a=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER, b=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER).output


@runs(given().makes(Text(".*/root[^ ]*  ")))
def the_root() -> str:
    return tell(a=dsl.PIPELINE_ROOT_PLACEHOLDER).output


@runs(given(name="n").makes(Text(f"job in-f-strings-.+ of n: {ID}")))
def in_f_strings(name: str) -> str:
    return steps.say(
        text=f"job {dsl.PIPELINE_JOB_NAME_PLACEHOLDER} of {name}: {dsl.PIPELINE_JOB_ID_PLACEHOLDER}"
    ).output


@runs(given().makes({"job": Text("inside-of-.+"), "deep": [Text(ID), "plain"]}))
def inside_of_lists_and_mappings() -> dict:
    return same_table(
        x={"job": dsl.PIPELINE_JOB_NAME_PLACEHOLDER, "deep": [dsl.PIPELINE_JOB_ID_PLACEHOLDER, "plain"]}
    ).output


@dsl.component
def same_table(x: dict) -> dict:
    return x


@runs(given().makes("True"))
def the_same_id_everywhere() -> str:
    one, two = steps.say(text=dsl.PIPELINE_JOB_ID_PLACEHOLDER), steps.say(text=dsl.PIPELINE_JOB_ID_PLACEHOLDER)
    return same(a=one.output, b=two.output, c=dsl.PIPELINE_JOB_ID_PLACEHOLDER).output


@dsl.component
def same(a: str, b: str, c: str) -> str:
    return str(a == b == c)


@runs(given().makes(Text(f"1 {ID},2 {ID}")))
def in_a_loop() -> str:
    with dsl.ParallelFor(["1", "2"]) as item:
        task = steps.say(text=f"{item} {dsl.PIPELINE_JOB_ID_PLACEHOLDER}")
    return steps.join(values=dsl.Collected(task.output)).output


def workspace() -> dsl.PipelineConfig:
    return dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))


@runs(given().makes("shared"), pipeline_config=workspace)
def the_workspace() -> str:
    path = f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/note.txt"
    first = parts.append(path=path, text="shared")
    return parts.contents(path=path).after(first).output
