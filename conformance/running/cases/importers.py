"""dsl.importer: what exists already becomes an artifact."""

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, given, runs
from kfp import dsl
from kfp.dsl import Dataset, Model


@runs(given(path="{files}/data.txt").makes("some text"), files={"data.txt": "some text"})
def a_file_of_this_machine(path: str) -> str:
    return parts.read(data=dsl.importer(artifact_uri=path, artifact_class=Dataset).output).output


@runs(
    given(path="{files}/data.txt").makes(Art("system.Model", "weights", {"layers": 3, "name": "m"}, ".*/data.txt")),
    files={"data.txt": "weights"},
)
def as_the_output_of_the_pipeline(path: str) -> Model:
    imported = dsl.importer(artifact_uri=path, artifact_class=Model, reimport=True, metadata={"layers": 3, "name": "m"})
    return imported.output


@dsl.component
def described(data: dsl.Input[Dataset]) -> str:
    return f"{data.uri.rpartition('/')[2]} {sorted(data.metadata.items())}"


@runs(
    given(name="n", number=2, path="{files}/a").makes("a [('deep', [2, 'n-2']), ('name', 'n'), ('number', 2)]"),
    files={"a": "1"},
)
def metadata_from_inputs(name: str, number: int, path: str) -> str:
    imported = dsl.importer(
        artifact_uri=path,
        artifact_class=Dataset,
        metadata={"name": name, "number": number, "deep": [number, f"{name}-{number}"]},
    )
    return described(data=imported.output).output


@runs(
    given(folder="{files}", name="b").makes("b []"),
    files={"a": "1", "b": "2"},
    only="upstream's compiler leaves the channel in the URI as it is",
)
def a_uri_in_an_f_string(folder: str, name: str) -> str:
    imported = dsl.importer(artifact_uri=f"{folder}/{name}", artifact_class=Dataset)
    return described(data=imported.output).output


@runs(given(path="{files}/data.txt").makes("from a task"), files={"data.txt": "from a task"})
def a_uri_from_a_task(path: str) -> str:
    uri = steps.say(text=path)
    imported = dsl.importer(artifact_uri=uri.output, artifact_class=Dataset)
    return parts.read(data=imported.output).output


@runs(given(paths=["{files}/a", "{files}/b"]).makes("1,2"), files={"a": "1", "b": "2"})
def in_a_loop(paths: list) -> str:
    with dsl.ParallelFor(paths) as path:
        imported = dsl.importer(artifact_uri=path, artifact_class=Dataset)
    return parts.read_all(data=dsl.Collected(imported.output)).output


@runs(given(x=1, path="{files}/a").makes("there"), given(x=0, path="{files}/a").makes("nothing"), files={"a": "there"})
def in_a_branch(x: int, path: str) -> str:
    with dsl.If(x == 1):
        imported = dsl.importer(artifact_uri=path, artifact_class=Dataset)
        a = parts.read(data=imported.output)
    with dsl.Else():
        b = steps.say(text="nothing")
    return dsl.OneOf(a.output, b.output)


def workspace() -> dsl.PipelineConfig:
    return dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))


@runs(given(path="{files}/a").makes("in the workspace"), files={"a": "in the workspace"}, pipeline_config=workspace)
def downloaded_to_the_workspace(path: str) -> str:
    imported = dsl.importer(artifact_uri=path, artifact_class=Dataset, download_to_workspace=True)
    return parts.read(data=imported.output).output
