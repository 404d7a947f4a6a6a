from __future__ import annotations

from pathlib import Path

import pytest

from kfp import build
from kfp.errors import BuildError, RequirementsError
from tests.build.conftest import Write, component
from tests.parts.engines import ContainerEngine
from tests.requirements.wheels import write_wheel

EXECUTOR_INPUT = '{"inputs": {"parameterValues": {"a": 41}}, "outputs": {"outputFile": "/tmp/o.json"}}'


def write(folder: Path, **settings: object) -> dict[str, str]:
    build.write_docker_files(build.plan(folder), **settings)  # type: ignore[arg-type]
    return {path.name: path.read_text(errors="replace") for path in folder.iterdir() if path.is_file()}


def test_the_files_that_kfp_users_know(source: Write) -> None:
    text = component(packages=("six", "kfp==2.17", "pyyaml==6.0.2"), base="python:3.11")
    folder = source({"a.py": text, "b.py": text.replace("def add", "def sub")})
    files = write(folder)
    assert files["runtime-requirements.txt"].splitlines()[1:] == ["pyyaml==6.0.2", "six"]
    assert files["kfp_config.ini"] == "[Components]\nadd = a.py\nsub = b.py\n\n"
    assert "component_metadata/" in files[".dockerignore"].splitlines()
    assert [line for line in files["Dockerfile"].splitlines() if line and not line.startswith("#")] == [
        "FROM python:3.11",
        "WORKDIR /usr/local/src/kfp/components",
        "COPY runtime-requirements.txt runtime-requirements.txt",
        "RUN pip install --no-cache-dir -r runtime-requirements.txt",
        "COPY .kfp_runtime /usr/local/src/kfp/runtime",
        "ENV PYTHONPATH=/usr/local/src/kfp/runtime${PYTHONPATH:+:$PYTHONPATH} PYTHONSAFEPATH=1",
        "COPY . .",
    ]
    assert (folder / ".kfp_runtime/kfp/dsl/executor_main.py").is_file()
    assert (folder / "component_metadata/add.yaml").is_file()


def test_indexes_are_passed_on(source: Write) -> None:
    settings = "pip_index_urls=['https://a/simple', 'https://b/simple'], pip_trusted_hosts=['a'], packages_to"
    files = write(source({"a.py": component(packages=("six",)).replace("packages_to", settings)}))
    options = "--index-url https://a/simple --extra-index-url https://b/simple --trusted-host a"
    assert f"pip install --no-cache-dir {options} -r runtime-requirements.txt" in files["Dockerfile"]


def test_a_users_own_files_stay(source: Write) -> None:
    folder = source({"a.py": component(), "Dockerfile": "FROM mine\n", ".dockerignore": "*.md\n"})
    files = write(folder)
    assert (files["Dockerfile"], files[".dockerignore"]) == ("FROM mine\n", "*.md\n")
    files = write(folder, overwrite=True)
    assert "FROM localhost/base:1" in files["Dockerfile"]
    assert files[".dockerignore"] == "*.md\n"


def test_a_second_time_writes_nothing_and_removes_the_runtime_of_another_version(source: Write) -> None:
    folder = source({"a.py": component()})
    write(folder)
    former = folder / ".kfp_runtime/kfp/former.py"
    former.touch()
    assert build.write_docker_files(build.plan(folder), overwrite=True) == ()
    assert not former.exists()
    assert (folder / ".kfp_runtime/kfp/__init__.py").exists()


def test_a_wheel_of_kfp_instead_of_the_runtime(source: Write, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "dist", "kfp", "2.17.0")
    folder = source({"a.py": component()})
    files = write(folder, kfp_package=str(wheel))["Dockerfile"].splitlines()
    assert f"COPY {wheel.name} {wheel.name}" in files
    assert f"RUN pip install --no-cache-dir ./{wheel.name}" in files
    assert (folder / wheel.name).read_bytes() == wheel.read_bytes()
    assert not (folder / ".kfp_runtime").exists()


def test_a_requirement_instead_of_the_runtime(source: Write) -> None:
    assert (
        "RUN pip install --no-cache-dir 'kfp>=2'"
        in write(source({"a.py": component()}), kfp_package="kfp>=2")["Dockerfile"]
    )


def test_a_directory_that_is_no_project(source: Write, tmp_path: Path) -> None:
    with pytest.raises(RequirementsError, match=r"pyproject\.toml"):
        write(source({"a.py": component()}), kfp_package=str(tmp_path))


def test_several_images_have_no_single_dockerfile(source: Write) -> None:
    folder = source({"a.py": component("one"), "b.py": component("two", target="localhost:5000/other:1")})
    with pytest.raises(BuildError, match="localhost:5000/other:1"):
        write(folder)
    assert not (folder / "Dockerfile").exists()


@pytest.mark.engine
def test_docker_builds_it_and_it_runs(source: Write, base_image: str, docker: ContainerEngine, tmp_path: Path) -> None:
    """Without a network, and with a sibling that has a standard module's name."""
    from kfp.home import kfp_home
    from kfp.images.archive import save
    from kfp.images.reference import Reference
    from kfp.images.store import Store

    reference = Reference.parse(base_image)
    base = Store(kfp_home() / "images").get(reference)
    assert base is not None
    save(base, reference, tmp_path / "base.tar", format="docker")
    docker("load", "-i", str(tmp_path / "base.tar"))
    imports = "from types import SimpleNamespace\nfrom .types import inc\n"
    text = component(base=base_image).replace("return a", "return inc(a)")
    folder = source({"types.py": "def inc(x):\n    return x + 1\n", "a.py": imports + text})
    write(folder)
    docker("build", "--network", "none", "-t", "localhost/dockerfile:test", str(folder))
    step = [
        "python3",
        "-m",
        "kfp.dsl.executor_main",
        "--function_to_execute",
        "add",
        "--executor_input",
        EXECUTOR_INPUT,
    ]
    ran = docker(
        "run", "--rm", "--network", "none", "localhost/dockerfile:test",
        "sh", "-c", '"$@" && cat /tmp/o.json', "step", *step,
    )  # fmt: skip
    assert '"Output": 42' in ran.stdout
