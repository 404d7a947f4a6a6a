from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kfp.engine.states import State
from tests.engine.conftest import computes
from tests.engine.documents import DATASET, Pipeline


def importing(uri: dict[str, Any], *, inputs: dict[str, Any] | None = None, **rest: Any) -> Pipeline:
    """A pipeline that imports an artifact and shows it."""
    inputs = inputs or {}
    pipeline = Pipeline(inputs=inputs)
    pipeline.component("importer", inputs, {}, executorLabel="exec-importer", artifacts_out=("artifact",))
    importer = {"artifactUri": uri, "typeSchema": DATASET["artifactType"], **rest}
    pipeline.data["deploymentSpec"]["executors"]["exec-importer"] = {"importer": importer}
    pipeline.container("show", {"image": "i"}, artifacts_in=("data",))
    pipeline.task("importer", inputs={name: f"${name}" for name in inputs})
    pipeline.task("show", artifacts={"data": "@importer.artifact"})
    return pipeline


def shown(executor: Any) -> dict[str, Any]:
    (step,) = executor.steps
    told: dict[str, Any] = json.loads(step.executor_input)["inputs"]["artifacts"]["data"]["artifacts"][0]
    return told


nothing = computes(lambda *_: {})


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/data/train.csv", "/data/train.csv"),
        ("file:///data/a%20b", "/data/a b"),
        ("relative", str(Path("relative").absolute())),
        ("gs://bucket/data", "gs://bucket/data"),
        ("oci://registry.example.com/models/a:v1", "oci://registry.example.com/models/a:v1"),
    ],
)
def test_paths_and_uris_become_artifacts(play: Any, uri: str, expected: str) -> None:
    result, executor = play(importing({"constant": uri}, metadata={"rows": 3}), nothing)
    assert result.error is None
    told = shown(executor)
    assert (told["uri"], told["metadata"]) == (expected, {"rows": 3})
    assert told["type"]["schemaTitle"] == "system.Dataset"


def test_the_uri_and_the_metadata_come_from_inputs(play: Any) -> None:
    placeholder = "{{$.inputs.parameters['name']}}"
    pipeline = importing(
        {"runtimeParameter": "uri"},
        inputs={"uri": str, "name": str, "number": int},
        metadata={f"a {placeholder}": [{"deep": placeholder}], "n": "{{$.inputs.parameters['number']}}"},
    )
    result, executor = play(pipeline, nothing, {"uri": "/x", "name": "it's", "number": 3})
    assert result.error is None
    assert shown(executor)["uri"] == "/x"
    assert shown(executor)["metadata"] == {"a it's": [{"deep": "it's"}], "n": 3}


class Site(http.server.BaseHTTPRequestHandler):
    requests: ClassVar[list[str]]

    def do_GET(self) -> None:
        type(self).requests.append(self.path)
        found = self.path == "/data/train%20set.csv?x=1"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"a,b" if found else b"")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    class Fresh(Site):
        requests: ClassVar[list[str]] = []

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fresh) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", Fresh.requests
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("reimport", "fetched"), [(False, 1), (True, 2)])
def test_what_lies_behind_http_is_downloaded(play: Any, site: Any, reimport: bool, fetched: int) -> None:
    uri = site[0] + "/data/train%20set.csv?x=1"
    for _ in range(2):
        result, executor = play(importing({"constant": uri}, reimport=reimport), nothing)
        assert result.error is None
        told = shown(executor)
        assert told["uri"] == uri
        path = Path(told["customPath"])
        assert (path.name, path.read_text()) == ("train set.csv", "a,b")
        assert path in executor.steps[0].shared
    assert len(site[1]) == fetched


def test_credentials_are_not_handed_on(play: Any, site: Any) -> None:
    uri = site[0].replace("://", "://ada:s3cret@") + "/data/train%20set.csv?x=1"
    result, executor = play(importing({"constant": uri}), nothing)
    assert result.error is None
    assert shown(executor)["uri"] == site[0] + "/data/train%20set.csv?x=1"


def test_the_resource_of_another_system_is_not_downloaded(play: Any, site: Any) -> None:
    pipeline = importing({"constant": site[0] + "/models/1"})
    outputs = pipeline.data["components"]["comp-importer"]["outputDefinitions"]["artifacts"]
    outputs["artifact"] = {"artifactType": {"schemaTitle": "google.VertexModel", "schemaVersion": "0.0.1"}}
    result, executor = play(pipeline, nothing)
    assert result.error is None
    assert shown(executor)["uri"] == site[0] + "/models/1"
    assert site[1] == []


def test_what_cannot_be_downloaded_fails_the_task(play: Any, site: Any) -> None:
    result, executor = play(importing({"constant": site[0] + "/none"}), nothing)
    assert result.state is State.FAILED
    assert "task 'importer' failed\nhttp://127.0.0.1" in result.error
    assert "404" in result.error
    assert executor.steps == []


def test_an_importer_without_a_uri(play: Any) -> None:
    result, _ = play(importing({"constant": ""}), nothing)
    assert "the importer is given no URI" in result.error


def test_a_copy_in_the_workspace_is_the_runs_own(play: Any, site: Any, tmp_path: Path) -> None:
    uri = site[0] + "/data/train%20set.csv?x=1"
    for _ in range(2):
        result, executor = play(importing({"constant": uri}, downloadToWorkspace=True), nothing)
        assert result.error is None
        path = Path(shown(executor)["customPath"])
        assert path.parent.is_relative_to(tmp_path / "work" / ".artifacts" / "http")
        assert path.read_text() == "a,b"
        path.write_text("changed")
    assert len(site[1]) == 1


def test_a_path_is_not_copied_into_the_workspace(play: Any) -> None:
    result, executor = play(importing({"constant": "/x"}, downloadToWorkspace=True), nothing)
    assert result.error is None
    assert shown(executor)["uri"] == "/x"
