from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfp import dsl
from kfp.compiler import Compiler
from kfp.components import YamlComponent, load_component_from_file, load_component_from_text, load_component_from_url
from kfp.errors import ArgumentTypeError, AuthoringError, SkiffError, SpecError, UrlError
from kfp.ir import files
from tests.compiler.normal import normalise

GOLDEN = Path(__file__).parent / "compiler" / "golden"


def compiled(pipeline: Any, path: Path) -> dict[str, Any]:
    Compiler().compile(pipeline, str(path))
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_loaded_component_compiles_to_what_it_was_loaded_from(path: Path, tmp_path: Path) -> None:
    loaded = load_component_from_file(path)
    Compiler().compile(loaded, str(tmp_path / "again.yaml"))
    again = (tmp_path / "again.yaml").read_text()
    assert list(yaml.safe_load_all(again)) == list(yaml.safe_load_all(path.read_text()))


def test_a_component_compiled_alone_is_one_task(tmp_path: Path) -> None:
    work = load_component_from_file(GOLDEN / "alone.yaml")
    assert (work.name, work.description, work.required_inputs) == ("work-hard", "Works.", ["a"])
    assert list(work.interface.outputs) == ["Output"]

    @dsl.pipeline
    def pipeline(x: int) -> str:
        one = work(a=x)
        work(a=1, name=one.output).set_env_variable("A", "b").set_cpu_limit("1").set_container_image("other")
        return work(a=2).output

    document = compiled(pipeline, tmp_path / "p.yaml")
    assert sorted(document["components"]) == ["comp-work-hard", "comp-work-hard-2", "comp-work-hard-3"]
    executors = document["deploymentSpec"]["executors"]
    assert sorted(executors) == ["exec-work-hard", "exec-work-hard-2"]
    changed = executors["exec-work-hard-2"]["container"]
    assert changed["image"] == "other"
    assert changed["env"] == [{"name": "A", "value": "b"}]
    assert changed["resources"] == {"cpuLimit": 1.0, "resourceCpuLimit": "1"}


def test_a_component_of_the_first_compilers_has_its_outputs(tmp_path: Path) -> None:
    """They wrote them at the component alone, not at the root."""
    document = yaml.safe_load((GOLDEN / "alone.yaml").read_text())
    del document["root"]["outputDefinitions"], document["root"]["dag"]["outputs"]
    work = load_component_from_text(yaml.safe_dump(document))
    assert list(work.interface.outputs) == ["Output"]

    @dsl.pipeline
    def pipeline() -> str:
        return work(a=2).output

    assert compiled(pipeline, tmp_path / "p.yaml")["root"]["outputDefinitions"]["parameters"].keys() == {"Output"}


def test_a_loaded_pipeline_is_a_graph(tmp_path: Path) -> None:
    inner = load_component_from_file(GOLDEN / "nested.yaml")

    @dsl.pipeline
    def pipeline(x: int) -> int:
        inner(x=inner(x=x).output)
        return inner().output

    document = compiled(pipeline, tmp_path / "p.yaml")
    assert files.read(tmp_path / "p.yaml").spec.components.keys() == document["components"].keys()
    assert len(document["deploymentSpec"]["executors"]) == 2
    whole = normalise(document)["root"]["dag"]["tasks"]
    assert (
        whole["outer-pipeline"]["componentRef"]
        == normalise(yaml.safe_load((GOLDEN / "nested.yaml").read_text()))["root"]
    )


def in_pipeline(component: YamlComponent, arguments: dict[str, Any]) -> None:
    @dsl.pipeline
    def calling() -> None:
        component(**arguments)


def test_calls_of_loaded_components_are_checked() -> None:
    work = load_component_from_file(GOLDEN / "alone.yaml")
    graph = load_component_from_file(GOLDEN / "nested.yaml")
    calls: list[tuple[YamlComponent, dict[str, Any], str]] = [
        (work, {}, "misses the argument 'a'"),
        (work, {"a": "x"}, "takes an integer"),
        (graph, {"y": 1}, "has no input 'y'"),
    ]
    for component, arguments, message in calls:
        with pytest.raises(ArgumentTypeError, match=message):
            in_pipeline(component, arguments)
    with pytest.raises(AuthoringError, match="no container of its own"):
        dsl.pipeline(name="p")(lambda: graph().set_cpu_limit("1"))


@pytest.mark.parametrize("text", ["", "a: 1", "implementation: {graph: {tasks: {}}}", "[", "{}"])
def test_other_texts_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        load_component_from_text(text)
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=r"x\.yaml"):
        load_component_from_file(path)


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/secret.yaml" and self.headers.get("Authorization") != "Basic YWRhOmxhY2U=":
                self.send_error(401)
                return
            if self.path in ("/moved.yaml", "/away.yaml"):
                host = self.headers["Host"].replace("127.0.0.1", "127.0.0.1" if "moved" in self.path else "localhost")
                self.send_response(302)
                self.send_header("Location", f"http://{host}/secret.yaml")
                self.end_headers()
                return
            if self.path == "/missing.yaml":
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a: 1" if self.path == "/other.yaml" else (GOLDEN / "alone.yaml").read_bytes())

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def basic(request: Any) -> Any:
    """As the authenticators of the library `requests` do."""
    request.headers["Authorization"] = "Basic YWRhOmxhY2U="
    return request


def test_a_component_is_loaded_from_a_url(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    assert load_component_from_url(f"{server}/alone.yaml").name == "work-hard"
    assert load_component_from_url(f"{server}/secret.yaml", auth=("ada", "lace")).name == "work-hard"
    assert load_component_from_url((GOLDEN / "alone.yaml").as_uri()).name == "work-hard"
    assert load_component_from_url(f"{server}/moved.yaml", auth=("ada", "lace")).name == "work-hard"
    assert load_component_from_url(f"{server}/moved.yaml", auth=basic).name == "work-hard"
    for auth in (("ada", "lace"), basic):
        with pytest.raises(OSError, match=r"401|Unauthorized"):  # another host is not told
            load_component_from_url(f"{server}/away.yaml", auth=auth)
    for path, message in (
        ("secret", "401|Unauthorized"),
        ("missing", "404|Not Found"),
        ("other", r"other\.yaml: not a"),
    ):
        with pytest.raises(SkiffError, match=message):
            load_component_from_url(f"{server}/{path}.yaml")
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(SpecError, match="more than 10 bytes"):
        load_component_from_url(f"{server}/alone.yaml")


@pytest.mark.parametrize("url", ["ftp://example.org/x.yaml", "x.yaml", "data:text/plain,a", "file:///nowhere.yaml"])
def test_urls_of_other_kinds_are_refused(url: str) -> None:
    with pytest.raises(UrlError, match="cannot load") as caught:
        load_component_from_url(url)
    assert isinstance(caught.value, OSError)  # what KFP raises


def test_a_missing_file_is_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot read .*missing\.yaml: No such file or directory"):
        load_component_from_file(tmp_path / "missing.yaml")
