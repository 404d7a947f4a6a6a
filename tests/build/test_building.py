from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions, BuiltImage, events
from kfp.components import load_component_from_file
from kfp.errors import BuildError, ImageNotFound, RequirementsError, SkiffError
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.build.conftest import BASE, PYTHON, TARGET, Write, component, files_of, python_base, texts_of
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel

COMPONENTS = "usr/local/src/kfp/components"
RUNTIME = "usr/local/src/kfp/runtime"
OTHER = "localhost:5000/project/other:v2"
AMD64 = Platform("linux", "amd64")


def built(folder: Path, store: Store, *, push: bool = False, told: list[object] | None = None) -> list[BuiltImage]:
    tell = (lambda _: None) if told is None else told.append
    return build.build(build.plan(folder, on_event=tell), store=store, options=BuildOptions(push=push), on_event=tell)


def image(store: Store, name: str = TARGET) -> Image:
    found = store.get(Reference.parse(name))
    assert found is not None
    return found


def test_the_image_holds_runtime_and_source(source: Write, store: Store) -> None:
    folder = source({"a.py": component(), "pack/b.py": "x = 1\n"})
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o700)
    (folder / "link.py").symlink_to("a.py")
    (made,) = built(folder, store)
    runtime, code = image(store).layers
    assert f"{RUNTIME}/kfp/dsl/executor_main.py" in files_of(runtime)
    files = files_of(code)
    assert sorted(files) == [
        f"{COMPONENTS}/{name}" for name in ("a.py", "kfp_config.ini", "link.py", "pack/b.py", "run.sh")
    ]
    assert files[f"{COMPONENTS}/run.sh"].mode == 0o755
    assert files[f"{COMPONENTS}/a.py"].mode == 0o644
    assert files[f"{COMPONENTS}/link.py"].linkname == "a.py"
    assert texts_of(code)[f"{COMPONENTS}/kfp_config.ini"] == "[Components]\nadd = a.py\n\n"
    config = image(store).config
    assert config.env == {**PYTHON, "PYTHONPATH": f"/{RUNTIME}", "PYTHONSAFEPATH": "1"}
    assert config.working_dir == f"/{COMPONENTS}"
    assert config.labels == {"skiff.source": code.diff_id, "skiff.packages": ""}
    assert (made.platforms[0].id, made.digest, made.pushed) == (image(store).id, image(store).digest, None)
    assert [layer.kind for layer in made.platforms[0].layers] == ["runtime", "source"]


def test_the_bases_search_path_stays_without_empty_entries(source: Write, store: Store) -> None:
    store.put(python_base({**PYTHON, "PYTHONPATH": "/opt/a::/opt/b:"}), Reference.parse(BASE))
    built(source({"a.py": component()}), store)
    assert image(store).config.env["PYTHONPATH"] == f"/{RUNTIME}:/opt/a:/opt/b"


def test_packages_are_locked_installed_and_labelled(source: Write, store: Store, wheels: Path) -> None:
    write_wheel(wheels, "big", files={"big.py": "x" * 5000}, requires=("small",))
    write_wheel(wheels, "small", scripts={"small": "small:run"})
    told: list[object] = []
    (made,) = built(source({"a.py": component(packages=("big", "kfp==2.17"))}), store, told=told)
    assert made.platforms[0].packages == ("big==1.0", "small==1.0")
    assert image(store).config.labels["skiff.packages"] == "big==1.0\nsmall==1.0"
    assert [layer.kind for layer in made.platforms[0].layers] == ["packages", "packages", "runtime", "source"]
    assert "usr/local/lib/python3.9/site-packages/big.py" in files_of(image(store).layers[0])
    assert events.PackagesLocked(("big==1.0", "small==1.0"), Reference.parse(TARGET), AMD64) in told


def test_several_images_from_one_directory(source: Write, store: Store) -> None:
    store.put(python_base({"PATH": "/bin"}), Reference.parse("localhost/another:1"))
    files = {
        "a.py": component("one") + component("two"),
        "b.py": component("three", target=OTHER, base="localhost/another:1"),
    }
    first, second = built(source(files), store)
    assert {str(first.reference), str(second.reference)} == {TARGET, OTHER}
    config = texts_of(image(store, OTHER).layers[-1])[f"{COMPONENTS}/kfp_config.ini"]
    assert config == "[Components]\nthree = b.py\n\n"
    assert image(store, OTHER).layers[0].descriptor == image(store).layers[0].descriptor
    assert image(store, OTHER).config.env["PATH"] == "/bin"


def test_files_beside_the_components(source: Write, store: Store) -> None:
    folder = source({"a.py": component(), "pack/b.py": component("two_words")})
    told: list[object] = []
    built(folder, store, told=told)
    metadata = folder / "component_metadata"
    assert sorted(path.name for path in metadata.iterdir()) == ["add.yaml", "two_words.yaml"]
    assert load_component_from_file(str(metadata / "add.yaml")).name == "add"
    assert (folder / "kfp_config.ini").read_text() == "[Components]\nadd = a.py\ntwo_words = pack/b.py\n\n"
    assert len([event for event in told if isinstance(event, events.FilesWritten)]) == 1
    assert not (folder / "Dockerfile").exists()


def test_a_second_build_builds_nothing(
    source: Write, store: Store, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(wheels)
    folder = source({"a.py": component(packages=("tiny",))})
    (first,) = built(folder, store)
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    told: list[object] = []
    (second,) = built(folder, store, told=told)
    assert (first.platforms[0].id, first.digest) == (second.platforms[0].id, second.digest)
    assert [layer.cached for layer in second.platforms[0].layers] == [True, True, True]
    assert events.FilesWritten(()) in told


def test_versions_move_when_they_are_told_to(source: Write, store: Store, wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    made = build.plan(source({"a.py": component(packages=("tiny",))}))
    build.build(made, store=store, options=BuildOptions(push=False))
    newer = write_wheel(tmp_path, version="2.0")
    # A changed directory of wheels is noticed by itself; an index that has something new is not.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kfp.requirements.indexes._local_wheels", lambda _: iter(()))
        build.build(made, store=store, options=BuildOptions(push=False))
        newer.rename(wheels / newer.name)
        (kept,) = build.build(made, store=store, options=BuildOptions(push=False))
        (moved,) = build.build(made, store=store, options=BuildOptions(push=False, upgrade=True))
    assert (kept.platforms[0].packages, moved.platforms[0].packages) == (("tiny==1.0",), ("tiny==2.0",))


def test_one_changed_file_changes_one_layer(source: Write, store: Store) -> None:
    folder = source({"a.py": component(), "b.py": "x = 1\n"})
    (first,) = built(folder, store)
    source({"b.py": "x = 2\n"})
    (second,) = built(folder, store)
    assert [layer.cached for layer in second.platforms[0].layers] == [True, False]
    assert first.platforms[0].id != second.platforms[0].id


def test_the_same_image_in_other_circumstances(source: Write, store: Store, tmp_path: Path) -> None:
    folder = source({"a.py": component(), "pack/b.py": "x = 1\n"})
    (first,) = built(folder, store)
    elsewhere = tmp_path / "else/where"
    before = os.umask(0o077)
    try:
        for name in ("pack/b.py", "a.py"):
            (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
            (elsewhere / name).write_text((folder / name).read_text())
            os.utime(elsewhere / name, (10**9, 10**9))
        empty = Store(tmp_path / "empty-store")
        empty.put(python_base(), Reference.parse(BASE))
        (second,) = built(elsewhere, empty)
    finally:
        os.umask(before)
    assert second.platforms[0].id == first.platforms[0].id
    build.write_docker_files(build.plan(folder))
    (third,) = built(folder, store)
    assert third.platforms[0].id == first.platforms[0].id, "the files for Docker are no part of the image"


def test_source_date_epoch(source: Write, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source({"a.py": component()})
    built(folder, store)
    assert image(store).config.created == "1970-01-01T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    built(folder, store)
    assert image(store).config.created == "2023-11-14T22:13:20Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH"):
        built(folder, store)


def test_credentials_of_an_index_stay_out_of_the_image(source: Write, store: Store) -> None:
    text = component().replace("packages_to", "pip_index_urls=['https://ada:lace@host/simple'], packages_to")
    built(source({"a.py": text}), store)
    assert image(store).config.labels["skiff.index-urls"] == "https://****@host/simple"
    assert "lace" not in json.dumps(image(store).config.to_json())


def test_pushed_to_a_registry(source: Write, store: Store, registry: RunningRegistry) -> None:
    folder = source({"a.py": component(target=f"{registry.host}/built/here:v1")})
    told: list[object] = []
    (made,) = built(folder, store, push=True, told=told)
    assert made.pushed is not None
    assert (made.pushed.pushed, made.pushed.digest) == (True, made.digest)
    assert events.ImagePushed(made.reference, made.digest, sent=True) in told
    (again,) = built(folder, store, push=True)
    assert again.pushed is not None
    assert not again.pushed.pushed


def test_a_second_target_takes_over_what_the_first_sent(source: Write, store: Store, registry: RunningRegistry) -> None:
    base = python_base()
    base = base.append(build_layer([Entry.file("srv/random", os.urandom(1_000_000))], store.blobs))
    store.put(base, Reference.parse(BASE))
    folder = source(
        {f"{name}.py": component(name, target=f"{registry.host}/several/{name}:v1") for name in ("one", "two")}
    )
    first, second = (made.pushed for made in built(folder, store, push=True))
    assert first is not None
    assert second is not None
    assert (first.mounted, first.uploaded) == (0, 4)
    assert (second.mounted, second.uploaded) == (2, 2)  # base and runtime; source and configuration are its own
    assert second.uploaded_bytes < 10_000


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (component(base="localhost/absent:1"), ImageNotFound, ["localhost/absent:1", "kfp image bootstrap"]),
        (component(packages=("there-is-none",)), RequirementsError, ["there-is-none", "Python 3.9"]),
        (component(target="localhost/no/port:1"), BuildError, ["localhost/no/port:1", "--no-push-image"]),
    ],
)
def test_errors_come_before_anything_is_written(
    source: Write, store: Store, wheels: Path, text: str, error: type[SkiffError], says: list[str]
) -> None:
    assert wheels
    folder = source({"a.py": component("fine", target=OTHER), "b.py": text})
    with pytest.raises(error) as raised:
        built(folder, store, push=True)
    for words in says:
        assert words in str(raised.value)
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == ["a.py", "b.py"]
    assert [str(each.reference) for each in store.list()] == [BASE]


def test_a_base_for_another_platform(source: Write, store: Store) -> None:
    made = build.plan(source({"a.py": component()}))
    with pytest.raises(ImageNotFound, match="linux/arm64"):
        build.build(made, store=store, options=BuildOptions(platforms=(Platform("linux", "arm64"),), push=False))


def test_a_directory_that_cannot_be_written(source: Write, store: Store) -> None:
    folder = source({"a.py": component(), "component_metadata": "in the way"})
    with pytest.raises(BuildError, match="component_metadata"):
        built(folder, store)
    assert [str(each.reference) for each in store.list()] == [BASE]


def test_a_home_that_cannot_be_written(source: Write, tmp_path: Path) -> None:
    (tmp_path / "blocked").touch()
    with pytest.raises(BuildError, match=str(tmp_path / "blocked")):
        built(source({"a.py": component()}), Store(tmp_path / "blocked/home/images"))


def test_several_platforms_give_an_index(source: Write, store: Store) -> None:
    amd, arm = Platform("linux", "amd64"), Platform("linux", "arm64")
    store.put(ImageIndex.of([python_base(), python_base(platform=arm)]), Reference.parse(BASE))
    (made,) = build.build(
        build.plan(source({"a.py": component()})), store=store, options=BuildOptions(platforms=(arm, amd), push=False)
    )
    whole = store.get_whole(Reference.parse(TARGET))
    assert isinstance(whole, ImageIndex)
    assert [image.platform for image in whole.images] == [each.platform for each in made.platforms] == [arm, amd]
    assert made.digest == whole.digest
    assert len({each.id for each in made.platforms}) == 2
