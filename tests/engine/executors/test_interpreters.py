from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from kfp.engine import events
from kfp.engine.executors import interpreters, step_python
from kfp.engine.executors.image_python import configured_version, named_version
from kfp.engine.executors.interpreters import THIS, find_interpreter
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import RunError
from kfp.images.image import scratch
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.engine.documents import Pipeline
from tests.parts.interpreters import interpreters as of_this_machine


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("python:3.9", (3, 9)),
        ("python:3.12-slim", (3, 12)),
        ("python:3.10.13-bookworm", (3, 10)),
        ("docker.io/library/python:3.8", (3, 8)),
        ("localhost:5000/mirror/python:3.10@sha256:" + "0" * 64, (3, 10)),
        ("python:2.7", (2, 7)),
        ("registry.example.com/ubi9/python-311:1-77", (3, 11)),
        ("python:3", None),
        ("python", None),
        ("python:latest", None),
        ("python@sha256:" + "0" * 64, None),
        ("localhost:3.9/other", None),
        ("pytorch/pytorch:2.3-cuda", None),
        ("team/python-service:3.9", None),
        ("", None),
    ],
)
def test_the_version_in_a_name(image: str, version: tuple[int, int] | None) -> None:
    assert named_version(image) == version


@pytest.mark.parametrize(
    ("environment", "version"), [({"PYTHON_VERSION": "3.9.18"}, (3, 9)), ({"PYTHON_VERSION": "x"}, None), ({}, None)]
)
def test_the_version_that_an_image_tells(environment: Mapping[str, str], version: tuple[int, int] | None) -> None:
    assert configured_version(environment) == version


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho asked >> {path}.asked\n{says}\n")
    path.chmod(0o755)
    return path


def test_an_interpreter_is_found_once_and_asked_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {variable: tmp_path / variable for variable, _, _ in interpreters._PLACES}
    for variable, place in nowhere.items():
        monkeypatch.setenv(variable, str(place))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    cache = tmp_path / "home" / "cache" / "interpreters.json"
    assert find_interpreter((3, 99), cache) is None
    assert find_interpreter(THIS, cache) == Path(sys.executable)
    assert not cache.exists()

    shim = program(tmp_path / "path" / "python3.99", "echo no such version >&2; exit 127")
    assert find_interpreter((3, 99), cache) is None
    shim.write_text("#!/bin/sh\necho 3 99\n")
    assert find_interpreter((3, 99), cache) == shim

    older = program(nowhere["PYENV_ROOT"] / "versions" / "3.99.2" / "bin" / "python3.99", "echo 3 99")
    newer = program(nowhere["PYENV_ROOT"] / "versions" / "3.99.18" / "bin" / "python3.99", "echo 3 99")
    assert find_interpreter((3, 99), cache) == shim  # it is remembered
    shim.unlink()
    assert find_interpreter((3, 99), cache) == newer
    assert find_interpreter((3, 99), cache) == newer
    assert Path(f"{newer}.asked").read_text() == "asked\n"
    newer.write_text("#!/bin/sh\necho 3 100\n")  # what is there now is another one
    assert find_interpreter((3, 99), cache) == older


@pytest.mark.parametrize(("variable", "pattern"), [(each[0], each[2]) for each in interpreters._PLACES])
def test_where_tools_put_interpreters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, pattern: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(variable, str(tmp_path / "place"))
    directory = pattern.format("3.99").replace("*", "7-linux")
    python = program(tmp_path / "place" / directory / "bin" / "python3.99", "echo 3 99")
    assert find_interpreter((3, 99), tmp_path / "cache.json") == python


@pytest.mark.parametrize("text", ["", "[]", '{"3.99": 1}', '{"3.99": []}', '{"3.99": ["/no"]}', '{"3.99": [1, 2, 3]}'])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "cache.json").write_text(text)
    assert find_interpreter((3, 99), tmp_path / "cache.json") is None


def versions() -> list[tuple[int, int]]:
    """The versions that this machine has and that steps run on."""
    return [version for text in of_this_machine() if (version := (3, int(text.split(".")[1]))) >= (3, 7)]


def another() -> tuple[int, int]:
    """A version of this machine's that is not this one."""
    found = next((version for version in versions() if version != THIS), None)
    if found is None:
        pytest.skip("this machine has one Python only")
    return found


def telling(image: str) -> Pipeline:
    pipeline = Pipeline()
    pipeline.python(
        "def tell() -> list:\n    import sys\n    return list(sys.version_info[:2])\n", outputs={"Output": list}
    )
    pipeline.data["deploymentSpec"]["executors"]["exec-tell"]["container"]["image"] = image
    pipeline.task("tell")
    pipeline.output("Output", list, "tell.Output")
    return pipeline


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path) -> RunSettings:
    return RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", parallelism=2)


@pytest.mark.parametrize("python", versions(), ids=lambda python: f"{python[0]}.{python[1]}")
def test_a_step_runs_on_the_version_of_its_image(settings: RunSettings, python: tuple[int, int]) -> None:
    image = f"python:{python[0]}.{python[1]}-slim"
    result = run(telling(image).document(), {}, settings=settings)
    assert (result.state, result.outputs.get("Output")) == (State.SUCCEEDED, list(python)), result.error


def test_a_step_runs_on_the_version_that_an_image_of_the_store_tells(settings: RunSettings) -> None:
    other = another()
    image = scratch(Platform("linux", "amd64"))
    image = image.with_config(image.config.with_env({"PYTHON_VERSION": "{}.{}.1".format(*other)}))
    Store(settings.home / "images").put(image, Reference.parse("localhost/base:v1"))
    result = run(telling("localhost/base:v1").document(), {}, settings=settings)
    assert result.outputs["Output"] == list(other)


@pytest.mark.parametrize("changes", [{"reuse_interpreter": True}, {"any_python": True}])
def test_any_interpreter_will_do_where_a_setting_says_so(settings: RunSettings, changes: dict[str, bool]) -> None:
    result = run(telling("python:3.99").document(), {}, settings=replace(settings, **changes))
    assert result.outputs["Output"] == list(THIS)


@pytest.mark.parametrize(
    ("image", "said", "hint"),
    [
        ("python:3.99", "'tell' runs in image python:3.99, and this machine has no Python 3.99", "uv python install"),
        ("python:3.6", "no step runs on Python 3.6", "base_image"),
        ("python:2.7-slim", "no step runs on Python 2.7", "base_image"),
    ],
)  # fmt: skip
def test_a_version_that_cannot_be_had_is_refused_before_anything_starts(
    settings: RunSettings, image: str, said: str, hint: str
) -> None:
    with pytest.raises(RunError, match=said) as caught:
        run(telling(image).document(), {}, settings=settings)
    assert hint in str(caught.value.hint)
    assert not (settings.home / "runs").exists()


def test_the_default_image_asks_for_nothing(settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_python, "DEFAULT_IMAGE", "python:3.99")
    pipeline = telling("python:3.99")
    pipeline.task("again", "tell")
    told: list[events.Event] = []
    result = run(pipeline.document(), {}, settings=settings, on_event=told.append)
    assert result.outputs["Output"] == list(THIS)
    (notice,) = [each.message for each in told if isinstance(each, events.RunNotice)]
    assert "run on Python {}.{}: this machine has no Python 3.99".format(*THIS) in notice


def test_packages_are_installed_for_the_interpreter_of_the_step(
    settings: RunSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = another()
    wheel = tmp_path / "wheels" / "parcel-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    files = {
        "parcel.py": "import sys\nversion = list(sys.version_info[:2])\n",
        "parcel-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n",
        "parcel-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "parcel-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    monkeypatch.setenv("UV_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    pipeline = Pipeline()
    pipeline.python(
        "def tell() -> list:\n    import parcel\n    return parcel.version\n", outputs={"Output": list},
        prologue="python3 -m pip install --quiet 'parcel==1.0'",
    )  # fmt: skip
    pipeline.data["deploymentSpec"]["executors"]["exec-tell"]["container"]["image"] = "python:{}.{}".format(*other)
    pipeline.task("tell")
    pipeline.output("Output", list, "tell.Output")
    result = run(pipeline.document(), {}, settings=settings)
    assert result.outputs.get("Output") == list(other), result.error
