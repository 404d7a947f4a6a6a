"""Packages that a component directory declares, and projects in it, on their way into images."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions, BuiltImage, events
from kfp.errors import RequirementsError
from kfp.images.image import Image
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, Write, component, python_base, texts_of
from tests.requirements.projects import project_files, write_project
from tests.requirements.wheels import write_wheel

SITE = "usr/local/lib/python3.9/site-packages"


def built(folder: Path, store: Store, *, told: list[object] | None = None, **options: object) -> BuiltImage:
    tell = (lambda _: None) if told is None else told.append
    plan = build.plan(folder, on_event=tell)
    (made,) = build.build(plan, store=store, options=BuildOptions(push=False, **options), on_event=tell)  # type: ignore[arg-type]
    return made


def image(store: Store, made: BuiltImage) -> Image:
    found = store.get(made.reference)
    assert found is not None
    return found


def files(store: Store, made: BuiltImage) -> dict[str, str]:
    return {path: text for layer in image(store, made).layers for path, text in texts_of(layer).items()}


def test_requirements_txt_and_components_together(source: Write, store: Store, wheels: Path) -> None:
    write_wheel(wheels, "one", scripts={"one": "one:run"})
    write_wheel(wheels, "two")
    told: list[object] = []
    folder = source({"a.py": component(packages=("two", "kfp[kubernetes]==2.17")), "requirements.txt": "one\nkfp\n"})
    made = built(folder, store, told=told)
    assert made.platforms[0].packages == ("one==1.0", "two==1.0")
    assert events.PackagesDeclared(folder / "requirements.txt", ()) in told
    texts = files(store, made)
    assert texts["usr/local/bin/one"].startswith("#!/usr/local/bin/python3.9\n")
    assert "usr/local/src/kfp/components/requirements.txt" in texts


def test_a_directory_alone_may_want_packages(source: Write, store: Store, wheels: Path) -> None:
    write_wheel(wheels)
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = ["tiny"]\n'
    assert built(source({"a.py": component(), "pyproject.toml": project}), store).platforms[0].packages == (
        "tiny==1.0",
    )


def test_conflicts_name_both_components(source: Write, store: Store, wheels: Path) -> None:
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "tiny", version)
    folder = source(
        {
            "a.py": component("train", packages=("tiny==1.0",)),
            "sub/b.py": "\n" + component("evaluate", packages=("tiny>=2",)),
        }
    )
    with pytest.raises(RequirementsError) as raised:
        built(folder, store)
    assert "tiny>=2 (component evaluate in sub/b.py:5)" in raised.value.message
    assert "tiny==1.0 (component train in a.py:4)" in raised.value.message
    assert "target images of their own" in str(raised.value.hint)


def test_find_links(source: Write, store: Store, wheels: Path, tmp_path: Path) -> None:
    assert wheels.is_dir()
    write_wheel(tmp_path / "links", "bin", tag="cp39-cp39-manylinux_2_17_x86_64")
    folder = source({"a.py": component(packages=("bin",))})
    with pytest.raises(RequirementsError, match=r"bin .*\(component add in a\.py:4\)"):
        built(folder, store)
    assert built(folder, store, find_links=(str(tmp_path / "links"),)).platforms[0].packages == ("bin==1.0",)


def test_each_platform_has_its_own_wheels(source: Write, store: Store, wheels: Path) -> None:
    platforms = (Platform("linux", "amd64"), Platform("linux", "arm64"))
    for platform, machine in zip(platforms, ("x86_64", "aarch64"), strict=True):
        store.put(python_base(platform=platform), Reference.parse(f"localhost/base:{platform.architecture}"))
        write_wheel(wheels, "bin", tag=f"cp39-cp39-manylinux_2_17_{machine}", files={"bin.py": machine})
    for platform, machine in zip(platforms, ("x86_64", "aarch64"), strict=True):
        base = f"localhost/base:{platform.architecture}"
        folder = source({"a.py": component(base=base), "requirements.txt": "bin\n"})
        made = built(folder, store, platforms=(platform,))
        assert files(store, made)[f"{SITE}/bin.py"] == machine


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A repository whose component directory uses a library beside it."""
    root = tmp_path / "repository"
    write_project(root / "lib", "lib", "1.5", files={"lib.py": "X = 1\n"}, requires=("tiny",))
    folder = root / "components"
    folder.mkdir()
    (folder / "a.py").write_text(component(packages=("-e ../lib",)))
    return folder


def test_a_project_of_the_same_repository(workspace: Path, store: Store, wheels: Path) -> None:
    write_wheel(wheels)
    first = built(workspace, store)
    assert first.platforms[0].packages == ("lib==1.5", "tiny==1.0")
    assert files(store, first)[f"{SITE}/lib.py"] == "X = 1\n"
    (workspace.parent / "lib/src/lib.py").write_text("X = 2\n")
    second = built(workspace, store)
    assert files(store, second)[f"{SITE}/lib.py"] == "X = 2\n"
    # What is no part of the wheel changes no image.
    (workspace.parent / "lib/README.md").write_text("more\n")
    assert built(workspace, store).platforms[0].id == second.platforms[0].id


def test_nothing_changed_starts_no_process(
    workspace: Path, store: Store, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(wheels)
    first = built(workspace, store)
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    assert built(workspace, store).digest == first.digest


def test_the_directory_is_a_project_itself(
    source: Write, store: Store, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the build leaves beside the components makes no other project of it."""
    write_wheel(wheels)
    folder = source({"a.py": component(), **project_files("app", requires=("tiny",))})
    first = built(folder, store)
    assert first.platforms[0].packages == ("app==1.0", "tiny==1.0")
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    assert built(folder, store).digest == first.digest


def test_the_same_image_wherever_the_project_lies(store: Store, wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    ids = set()
    for place in ("one", "two/deeper"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(component(packages=("./lib",)))
        write_project(folder / "lib", "lib", requires=("tiny",))
        for path in folder.rglob("*"):
            os.utime(path, (time.time() - len(place), time.time() - len(place)))
        ids.add(built(folder, store).platforms[0].id)
    assert len(ids) == 1


def test_console_scripts_run_with_the_targets_interpreter(
    source: Write, store: Store, wheels: Path, tmp_path: Path
) -> None:
    """The image's interpreter is in the first line, whatever Python built it; here that is this very Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    env = {"PATH": "/usr/local/bin:/usr/bin", "PYTHON_VERSION": f"{version}.0"}
    store.put(python_base(env), Reference.parse(BASE))
    write_wheel(wheels, files={"tiny.py": "def run(): print('ran')\n"}, scripts={"tiny": "tiny:run"})
    texts = files(store, built(source({"a.py": component(packages=("tiny",))}), store))
    script = tmp_path / "tiny"
    script.write_text(texts["usr/local/bin/tiny"])
    (tmp_path / "tiny.py").write_text(texts[f"usr/local/lib/python{version}/site-packages/tiny.py"])
    interpreter = texts["usr/local/bin/tiny"].splitlines()[0]
    assert interpreter == f"#!/usr/local/bin/python{version}"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "ran\n"


def test_a_step_without_containers_has_what_no_index_has(workspace: Path, store: Store, wheels: Path) -> None:
    """The local runner takes such packages from the image, and installs only the others."""
    from kfp.engine.executors.images import Images

    write_wheel(wheels)
    made = built(workspace, store)
    assert image(store, made).config.labels["skiff.local-packages"] == "lib==1.5"
    found = Images(store.root.parent).sources(made.reference.familiar)
    assert found.requirements == ("tiny==1.0",)
    (place,) = found.import_path
    assert sorted(path.name for path in place.iterdir()) == ["lib-1.5.dist-info", "lib.py"]
    assert Images(store.root.parent).sources(made.reference.familiar) == found
