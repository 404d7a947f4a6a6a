"""Components and pipelines called like functions, as a user's script does it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kfp import dsl, local
from kfp.dsl import Artifact, Dataset, Input, Model, Output
from kfp.dsl.execution import HOOK
from kfp.errors import AuthoringError, InconsistentTypeException, NoOutputs, RunError, StepError
from kfp.local import LocalTask
from tests.parts.engines import ContainerEngine
from tests.parts.processes import require


@pytest.fixture(autouse=True)
def fresh_hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("kfp.dsl.execution._Installed.hook", None)
    token = HOOK.set(None)
    yield
    HOOK.reset(token)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "root"))
    return tmp_path / "root"


@dsl.component
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component
def write(text: str, out: Output[Dataset]) -> None:
    from pathlib import Path

    Path(out.path).write_text(text)
    out.metadata["length"] = len(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    from pathlib import Path

    return Path(data.path).read_text() + str(data.metadata.get("length"))


@dsl.component
def fail(text: str) -> str:
    raise ValueError(text)


@dsl.component
def total(items: list[int], more: int | None = None, label: str = "") -> str:
    return repr((items, more, label))


@dsl.pipeline
def math_pipeline(x: int, y: int) -> int:
    first = add(a=x, b=y)
    return add(a=first.output, b=x).output


def test_a_pipeline(root: Path) -> None:
    task = math_pipeline(x=2, y=3)
    assert (task.output, task.outputs, task.state) == (7, {"Output": 7}, "SUCCEEDED")
    assert type(task.output) is int


def test_a_component(root: Path) -> None:
    assert add(a=1).output == 4


def test_artifacts_are_objects_with_local_paths(root: Path) -> None:
    task = write(text="hello")
    made = task.outputs["out"]
    assert isinstance(made, Dataset)
    assert Path(made.path).read_text() == "hello"
    assert made.path.startswith(str(root))
    assert made.metadata == {"length": 5}
    assert read(data=made).output == "hello5"


def test_an_artifact_of_the_callers_own(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    assert read(data=Dataset(uri="file.txt")).output == "mineNone"


def test_ints_stay_ints_and_optional_inputs_stay_out(root: Path) -> None:
    @dsl.pipeline
    def inner(items: list[int], number: int, more: int | None = None) -> str:
        return total(items=items, more=more, label=f"{number} of {items}").output

    assert inner(items=[1, 2], number=3).output == "([1, 2], None, '3 of [1, 2]')"
    assert total(items=[1], more=2).output == "([1], 2, '')"


def test_times_of_the_run(root: Path) -> None:
    @dsl.component
    def echo(text: str) -> str:
        return text

    @dsl.pipeline
    def when() -> str:
        return echo(text=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER).output

    assert when().output.endswith("Z")


def test_several_outputs(root: Path) -> None:
    @dsl.component
    def two() -> NamedTuple("Two", [("a", int), ("b", list)]):  # type: ignore[misc]
        from collections import namedtuple

        return namedtuple("Two", "a b")(1, [1, 2.5])

    task = two()
    assert json.dumps(task.outputs) == '{"a": 1, "b": [1, 2.5]}'
    with pytest.raises(AttributeError, match="several outputs"):
        _ = task.output


def test_a_failure_raises_the_steps_own_traceback(root: Path) -> None:
    with pytest.raises(StepError) as caught:
        fail(text="no good")
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["task 'fail' failed", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: no good"


def test_a_failure_says_which_step_it_was_and_where_its_log_lies(root: Path) -> None:
    @dsl.component
    def shout(text: str) -> str:
        print("about to shout")
        raise ValueError(text)

    @dsl.pipeline
    def inner(text: str) -> None:
        shout(text=text).set_retry(num_retries=1, backoff_duration="0s")

    @dsl.pipeline
    def outer() -> None:
        inner(text="no good")

    with pytest.raises(StepError) as caught:
        outer()
    error = caught.value
    assert (error.task, error.attempt) == ("inner/shout", 2)
    assert error.log is not None
    assert Path(error.log).read_text().splitlines()[0] == "about to shout"
    assert error.traceback is not None
    assert error.traceback.splitlines()[-1] == "ValueError: no good"


def test_the_tasks_of_a_pipeline_and_what_each_has_made(root: Path) -> None:
    @dsl.pipeline
    def inner(text: str) -> None:
        write(text=text)

    @dsl.pipeline
    def outer() -> int:
        inner(text="hello")
        with dsl.ParallelFor([1, 2]) as item:
            add(a=item)
        return add(a=1).output  # type: ignore[no-any-return]

    run = outer()
    assert run.output == 4
    assert run.tasks["add-2"].output == 4
    assert [run.tasks[f"for-loop-2/{number}/add"].output for number in range(2)] == [4, 5]
    data = run.tasks["inner/write"].outputs["out"]
    assert (data.metadata, Path(data.path).read_text()) == ({"length": 5}, "hello")
    log = run.tasks["inner/write"].log
    assert log is not None
    assert log.is_file()


def test_a_failure_that_does_not_raise(tmp_path: Path) -> None:
    local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path), raise_on_error=False)
    task = fail(text="no good")
    assert task.state == "FAILED"
    assert "ValueError: no good" in str(task.error)
    assert task.outputs == {}, "as in KFP"
    with pytest.raises(NoOutputs, match="no good"):
        _ = task.output
    with pytest.raises(NoOutputs, match="no good"):
        _ = task.outputs["Output"]


@dsl.component
def measure(model: Input[Model], data: Input[list[Dataset]]) -> str:
    return f"{model.uri} {len(data)}"


@pytest.mark.parametrize(
    ("model", "data", "told"),
    [
        (Dataset(uri="/d"), [], "takes an artifact system.Model@0.0.1, not an artifact system.Dataset@0.0.1"),
        ("/m", [], r"takes an artifact system.Model@0.0.1, not the str '/m'\nhint: such as dsl.Model\(uri="),
        (Model(), [], "which lies nowhere"),
        (
            LocalTask("train", "SUCCEEDED", {}, None, "1"),
            [],
            r"not <LocalTask 'train' SUCCEEDED>\nhint: .* task.output",
        ),
        ([Model(uri="/m")], [], "not a list of artifacts system.Model"),
        (Model(uri="/m"), Dataset(uri="/d"), "takes a list of artifacts system.Dataset@0.0.1, not an artifact"),
        (Model(uri="/m"), [Dataset(uri="/d"), 1], "not the int 1"),
    ],
)
def test_artifacts_that_do_not_fit(root: Path, model: Any, data: Any, told: str) -> None:
    with pytest.raises(InconsistentTypeException, match=told):
        measure(model=model, data=data)
    with pytest.raises(InconsistentTypeException, match=r"takes an integer .* not an artifact system.Model"):
        add(a=Model(uri="/m"))


@dsl.component
def takes(text: str = "", number: float = 1.5, whole: int = 0, flag: bool = False, items: list[Any] = []) -> str:  # noqa: B006
    return repr((text, number, whole, flag, items))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"text": 3}, r"argument 'text' of component 'takes' takes text \(STRING\), not the int 3"),
        ({"text": True}, "not the bool True"),
        ({"number": "1"}, "not the str '1'"),
        ({"whole": 1.5}, "not the float 1.5"),
        ({"whole": True}, "not the bool True"),
        ({"flag": 1}, "not the int 1"),
        ({"items": "[1]"}, r"takes a list \(LIST\), not the str"),
        ({"items": object()}, "not the object .*\nhint: accepted are str, int"),
    ],
)
def test_values_that_do_not_fit(root: Path, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(InconsistentTypeException, match=told):
        takes(**arguments)


def test_values_that_fit(root: Path) -> None:
    assert takes(number=2, whole=2.0, items=[1, None]).output == "('', 2.0, 2, False, [1, None])"
    assert takes(text=None, flag=None).output == "('', 1.5, 0, False, [])"


def test_settings_of_what_has_run(root: Path) -> None:
    """KFP takes some of them, without any effect, and refuses the others."""
    ran: Any = add(a=2)
    assert ran.inputs == {"a": 2}
    with pytest.raises(
        AuthoringError, match=r"'add' has run already: set_retry\(\) comes too late\nhint: call add in a"
    ):
        ran.set_retry(2)
    with pytest.warns(UserWarning, match=r"'add' has run already: set_cpu_limit\(\) changes nothing") as told:
        assert ran.set_cpu_limit("1").output == 5
    assert told[0].filename == __file__
    for name in ("set_nothing", "_after", "channels"):
        assert not hasattr(ran, name)
    assert copy.copy(ran).output == 5


def test_artifacts_that_fit(root: Path) -> None:
    assert measure(model=Artifact(uri="/m"), data=(Dataset(uri="/d"), Dataset(uri="/e"))).output == "/m 2"
    assert measure(model=Model(uri="/m"), data=[]).output == "/m 0"
    assert measure(model={"uri": "/m"}, data=[]).output == "/m 0", "the JSON form"


def test_an_artifact_at_a_path_of_its_own_choice(root: Path, tmp_path: Path) -> None:
    @dsl.component
    def place(path: str, out: Output[Dataset]) -> None:
        from pathlib import Path

        out.set_path(path)
        Path(out.path).write_text("there")

    made = place(path=str(tmp_path / "there")).output
    assert (made.path, made.custom_path) == (str(tmp_path / "there"),) * 2
    assert read(data=made).output == "thereNone"


def test_places_are_paths_or_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.init(runner=local.SubprocessRunner(), pipeline_root=tmp_path / "a root")
    assert Path(write(text="x").output.path).is_relative_to(tmp_path / "a root")
    monkeypatch.setenv("HOME", str(tmp_path))
    local.init(runner=local.SubprocessRunner(), pipeline_root="~/mine")
    assert Path(write(text="x").output.path).is_relative_to(tmp_path / "mine")


def test_without_init() -> None:
    with pytest.raises(RunError, match="no local runner is set up"):
        add(a=1)


def test_init_refuses_what_is_no_runner() -> None:
    with pytest.raises(AuthoringError, match="is not a runner"):
        local.init(runner="docker")  # type: ignore[arg-type]
    with pytest.raises(RunError, match="unknown container option 'colour'"):
        local.DockerRunner(colour="red")


@dsl.component
def noting(path: str, x: int) -> int:
    from pathlib import Path

    with Path(path).open("a") as file:
        file.write(f"{x}\n")
    return x


@dsl.pipeline
def notes(path: str, x: int) -> int:
    noting(path=path, x=0).set_caching_options(False)
    return noting(path=path, x=x).output


@pytest.mark.parametrize("root", [None, "elsewhere"])
def test_caching(tmp_path: Path, capfd: pytest.CaptureFixture[str], root: str | None) -> None:
    cache = tmp_path / (root or "out/.kfp_cache")
    local.init(
        runner=local.SubprocessRunner(),
        pipeline_root=str(tmp_path / "out"),
        enable_caching=True,
        cache_root=root and str(cache),
    )
    seen = tmp_path / "seen"
    assert [notes(path=str(seen), x=x).output for x in (1, 1, 2, 1)] == [1, 1, 2, 1]
    assert sorted(seen.read_text().split()) == ["0", "0", "0", "0", "1", "2"]
    assert "[noting-2] succeeded taken from run " in capfd.readouterr().err
    assert cache.is_dir()
    for _ in range(2):
        noting(path=str(seen), x=1)
    assert seen.read_text().split()[6:] == ["1", "1"], "a component that is called by itself always runs"


def test_nothing_is_cached_unless_it_is_asked_for(tmp_path: Path) -> None:
    local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "out"), cache_root=str(tmp_path / "cache"))
    seen = tmp_path / "seen"
    assert [notes(path=str(seen), x=1).output for _ in range(2)] == [1, 1]
    assert sorted(seen.read_text().split()) == ["0", "0", "1", "1"]
    assert not (tmp_path / "cache").exists()


def in_a_thread(do: Callable[[], object]) -> None:
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


def test_init_holds_in_threads_that_start_later(tmp_path: Path) -> None:
    outputs: list[Any] = []

    def program() -> None:  # in a context without the fixture's HOOK, as a program's main thread is
        local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "root"))
        in_a_thread(lambda: outputs.append(add(a=1).output))

    in_a_thread(program)
    assert outputs == [4]
    assert (tmp_path / "root").is_dir()


def test_a_thread_that_calls_init_has_its_own_runner(tmp_path: Path) -> None:
    roots: list[Path] = []

    def other() -> None:
        local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "other"))
        roots.append(Path(write(text="a").output.path))

    def program() -> None:
        local.init(runner=local.SubprocessRunner(), pipeline_root=str(tmp_path / "first"))
        in_a_thread(other)
        roots.append(Path(write(text="b").output.path))

    in_a_thread(program)
    assert [path.relative_to(tmp_path).parts[0] for path in roots] == ["other", "first"]


SCRIPT = """
from kfp import dsl, local

@dsl.component
def sleep():
    import time
    print("sleeping", flush=True)
    time.sleep(60)

local.init(runner=local.SubprocessRunner())
sleep()
"""


def test_ctrl_c_in_a_script(tmp_path: Path) -> None:
    import signal

    from kfp.engine.records.store import Store

    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, "script.py"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.readline() == "[sleep] sleeping\n"
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.wait() == -signal.SIGINT
    assert "KeyboardInterrupt" in rest
    store = Store(Path(os.environ["KFP_HOME"]))
    assert [run.state for run in store.runs()] == ["CANCELED"]
    store.close()


@pytest.mark.parametrize("where", ["src/my_component.py", "my_component.py"])
def test_a_containerized_component_runs_from_its_source(tmp_path: Path, where: str) -> None:
    module = tmp_path / where
    module.parent.mkdir(exist_ok=True)
    (module.parent / "math.py").write_text("def add_numbers(a, b):\n    return a + b\n")
    (module.parent / "data.txt").write_text("10")
    relative = "from .math import add_numbers\n" if "/" in where else "def add_numbers(a, b):\n    return a + b\n"
    module.write_text(
        "from kfp import dsl\n" + relative + textwrap.dedent(
            """
            @dsl.component(base_image="python:3.11", target_image="localhost:5000/project/add:v1")
            def add(a: int, b: int) -> int:
                return add_numbers(a, b) + int(open("data.txt").read())

            @dsl.pipeline
            def pipeline(x: int) -> int:
                return add(a=x, b=add(a=x, b=x).output).output
            """
        )
    )  # fmt: skip
    name = where[: -len(".py")].replace("/", ".")
    (tmp_path / "script.py").write_text(
        f"from kfp import local\nfrom {name} import pipeline\n"
        "local.init(runner=local.SubprocessRunner())\nprint(pipeline(x=1).output)\n"
    )
    if "/" not in where:
        (tmp_path / "math.py").unlink()  # beside a script it would hide the standard library's from the script itself
    said = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert said.stdout == "23\n"


def directory_of(folder: Path, module: str, function: str, helper: int) -> None:
    """A directory with a component for the same image, and with a module that it imports when it runs."""
    folder.mkdir()
    (folder / "helpers.py").write_text(f"VALUE = {helper}\n")
    (folder / f"{module}.py").write_text(
        "from kfp import dsl\n\n"
        '@dsl.component(base_image="python:3.11", target_image="localhost:5000/project/both:v1")\n'
        f"def {function}(a: int) -> int:\n    from helpers import VALUE\n    return a * VALUE\n"
    )


TWO_DIRECTORIES = """
import sys
sys.path[1:1] = ["one", "two"]
import first, second
from kfp import dsl, local

@dsl.pipeline
def pipeline(x: int) -> int:
    return second.{second}(a=first.{first}(a=x).output).output

local.init(runner=local.SubprocessRunner())
print(pipeline(x=1).output)
"""


@pytest.mark.parametrize("same_name", [False, True])
def test_components_of_two_directories_with_one_target_image(tmp_path: Path, same_name: bool) -> None:
    other = "triple" if same_name else "quintuple"
    directory_of(tmp_path / "one", "first", "triple", 3)
    directory_of(tmp_path / "two", "second", other, 5)
    (tmp_path / "script.py").write_text(TWO_DIRECTORIES.format(first="triple", second=other))
    said = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=False, capture_output=True, text=True)
    if not same_name:
        assert (said.stdout, said.returncode) == ("15\n", 0), said.stderr
        return
    last = said.stderr.splitlines()[-2:]
    assert "image localhost:5000/project/both:v1 is the target of two components 'triple'" in last[0]
    assert str(tmp_path / "one" / "first.py") in last[0]
    assert str(tmp_path / "two" / "second.py") in last[0]
    assert "another target_image" in last[1]


@pytest.mark.engine
def test_docker_runner(container_engine: ContainerEngine, base_image: str, tmp_path: Path) -> None:
    @dsl.component(base_image=base_image)
    def double(a: int) -> int:
        return 2 * a

    local.init(runner=local.DockerRunner(network_mode="none"), pipeline_root=str(tmp_path / "root"))
    assert double(a=4).output == 8


@pytest.mark.engine
def test_runc_runner(base_image: str, tmp_path: Path) -> None:
    require("runc", "runc")

    @dsl.component(base_image=base_image)
    def double(a: int) -> int:
        return 2 * a

    local.init(
        runner=local.RuncRunner(network_mode="none", environment={"A": "1"}), pipeline_root=str(tmp_path / "root")
    )
    assert double(a=4).output == 8
    assert repr(local.RuncRunner(user=1)) == "RuncRunner(user=1)"
    with pytest.raises(RunError, match="runc has no option 'colour'"):
        local.RuncRunner(colour="red")
