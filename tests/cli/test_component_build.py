"""`kfp component build` for several images and platforms, and what tells of builds: plan, explanation, rebase."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, component, python_base, texts_of
from tests.cli.conftest import Kfp
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel

ONE, TWO = "localhost/cli/one:1", "localhost/cli/two:2"
AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.fixture
def folder(tmp_path: Path, store: Store, wheels: Path) -> Path:
    """Two components with images of their own; a package that is another on each platform."""
    for machine in ("x86_64", "aarch64"):
        write_wheel(wheels, "native", tag=f"cp39-cp39-manylinux_2_17_{machine}", files={"native.py": machine})
    assert store.list()
    made = tmp_path / "src"
    made.mkdir()
    (made / "a.py").write_text(component("one", target=ONE, packages=("native",)))
    (made / "b.py").write_text(component("two", target=TWO))
    return made


def built(kfp: Kfp, *arguments: object) -> list[dict[str, object]]:
    outcome = kfp("component", "build", *arguments, "--no-push-image", "--output", "json")
    assert outcome.code == 0, outcome.err
    found: list[dict[str, object]] = json.loads(outcome.out)
    return found


def test_each_platform_has_wheels_of_its_own(kfp: Kfp, folder: Path, store: Store) -> None:
    (made,) = built(kfp, folder, "--select", "one", "--platform", "linux/amd64,linux/arm64/v8")
    whole = store.get_whole(Reference.parse(ONE))
    assert isinstance(whole, ImageIndex)
    assert made["digest"] == whole.digest
    found = {
        str(image.platform): texts_of(image.layers[0])["usr/local/lib/python3.9/site-packages/native.py"]
        for image in whole.images
    }
    assert found == {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], [ONE, TWO]),
        (["--select", "two"], [TWO]),
        (["--select", "*one*"], [ONE]),
        (["--select", "one", "--select", TWO], [ONE, TWO]),
    ],
)
def test_chosen_images_alone_are_built(
    kfp: Kfp, folder: Path, store: Store, arguments: list[str], names: list[str]
) -> None:
    assert [each["name"] for each in built(kfp, folder, *arguments)] == names
    assert [stored.reference.familiar for stored in store.list() if str(stored.reference) != BASE] == names


def test_all_platforms_of_the_base(kfp: Kfp, folder: Path) -> None:
    (made,) = built(kfp, folder, "--select", "two", "--platform", "all")
    platforms = made["platforms"]
    assert isinstance(platforms, list)
    assert [each["platform"] for each in platforms] == ["linux/amd64", "linux/arm64"]


def test_lines_tell_images_and_platforms_apart(kfp: Kfp, folder: Path) -> None:
    outcome = kfp("component", "build", folder, "--no-push-image", "--platform", "linux/amd64,linux/arm64")
    lines = sorted(line for line in outcome.err.splitlines() if line.startswith("packages "))
    assert lines == [f"packages native==1.0  ({ONE}, {platform})" for platform in ("linux/amd64", "linux/arm64")]


def test_a_platform_that_the_base_lacks(kfp: Kfp, folder: Path) -> None:
    outcome = kfp("component", "build", folder, "--no-push-image", "--platform", "linux/amd64,linux/s390x")
    assert (outcome.code, outcome.out) == (1, "")
    assert f"the base image {BASE} is not for linux/s390x, only for linux/amd64, linux/arm64\n" in outcome.err


def test_a_plan_writes_nothing(kfp: Kfp, folder: Path, store: Store) -> None:
    before = sorted(folder.rglob("*"))
    listed = store.list()
    outcome = kfp("component", "build", folder, "--no-push-image", "--dry-run", "--platform", "linux/amd64,linux/arm64")
    assert outcome.code == 0, outcome.err
    assert (sorted(folder.rglob("*")), store.list()) == (before, listed)
    for words in (ONE, TWO, "native==1.0", "linux/arm64", "to build", "nowhere, --no-push-image"):
        assert words in outcome.out
    assert outcome.err.rstrip().endswith("nothing was written")

    built(kfp, folder)
    plan = kfp("component", "build", folder, "--no-push-image", "--dry-run", "--output", "json")
    one, two = json.loads(plan.out)
    assert [layers["cached"] for layers in one["platforms"][0]["layers"]] == [True, True, True]
    assert (one["platforms"][0]["packages"], two["platforms"][0]["packages"]) == (["native==1.0"], [])
    assert kfp("component", "build", folder, "--dry-run", "--no-build-image").code == 2


def test_explanation(kfp: Kfp, folder: Path) -> None:
    unknown = kfp("image", "explain", ONE)
    assert (unknown.code, "no build of" in unknown.err) == (1, True)
    built(kfp, folder)
    assert "no other image was built under this name" in kfp("image", "explain", ONE).out
    (folder / "c.txt").write_text("new")
    (folder / "a.py").write_text((folder / "a.py").read_text() + "\nLATER = 1\n")
    built(kfp, folder)
    outcome = kfp("image", "explain", ONE)
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert lines[3:6] == ["base same", "packages same", "runtime same"]
    assert lines[6].startswith("source 1 of 1 layer new (")
    assert lines[7] == "a.py changed"
    assert "c.txt added" in lines
    explained = json.loads(kfp("image", "explain", ONE, "--output", "json").out)
    (platform,) = explained["platforms"]
    (change,) = platform["changes"]
    assert (change["part"], change["new_layers"]) == ("source", 1)
    assert [each["name"] for each in change["differences"]] == ["a.py", "c.txt"]
    built(kfp, folder)
    assert "by the last build:" in kfp("image", "explain", ONE).out


def test_another_base(kfp: Kfp, folder: Path, store: Store, registry: RunningRegistry) -> None:
    built(kfp, folder, "--platform", "linux/amd64,linux/arm64", "--select", "one")
    new = [
        image.with_config(image.config.with_env({"PATCHED": "yes"}))
        for image in (python_base(), python_base(platform=ARM))
    ]
    store.put(ImageIndex.of(new), Reference.parse("localhost/patched:1"))
    name = f"{registry.host}/cli/rebased:1"
    refused = kfp("image", "rebase", ONE, "--base", "localhost/patched:1", "--push-image")
    assert (refused.code, "--tag" in refused.err) == (1, True)
    arguments = ("image", "rebase", ONE, "--base", "localhost/patched:1", "--tag", name)
    done = json.loads(kfp(*arguments, "--push-image", "--output", "json").out)
    assert (done["changed"], done["pushed"], done["former_base"]) == (True, True, BASE)
    assert [each["platform"] for each in done["platforms"]] == ["linux/amd64", "linux/arm64"]
    assert [each["base_digest"] for each in done["platforms"]] == [image.digest for image in new]
    inspected = json.loads(kfp("image", "inspect", name, "--platform", "linux/arm64").out)
    assert "PATCHED=yes" in inspected["config"]["Env"]
    assert inspected["annotations"]["org.opencontainers.image.base.name"] == "localhost/patched:1"
    for_people = kfp(*arguments)
    assert (for_people.code, for_people.out.splitlines()[0]) == (0, name)
    assert for_people.err.startswith("nothing to change in ")


def test_the_component_of_an_index_runs_here(kfp: Kfp, base_image: str, tmp_path: Path, kfp_home: Path) -> None:
    """The local runner takes this machine's image out of an index."""
    store = Store(kfp_home / "images")
    here = store.get(Reference.parse(base_image))
    assert here is not None
    other = ARM if here.platform.matches(AMD) else AMD
    store.put(ImageIndex.of([python_base(platform=other), here]), Reference.parse(base_image))
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "a.py").write_text(
        "from kfp import dsl\n\n\n"
        f"@dsl.component(base_image={base_image!r}, target_image={ONE!r})\n"
        "def double(number: int) -> int:\n    return 2 * number\n"
    )
    built(kfp, folder, "--platform", f"{other},{here.platform}")
    (tmp_path / "pipeline.py").write_text(
        "from kfp import components, dsl\n\n"
        f"double = components.load_component_from_file({str(folder / 'component_metadata/double.yaml')!r})\n\n\n"
        "@dsl.pipeline\ndef main() -> int:\n    return double(number=21).output\n"
    )
    assert kfp("dsl", "compile", "--py", tmp_path / "pipeline.py", "--output", tmp_path / "p.yaml").code == 0
    outcome = kfp("run", "create", "-f", tmp_path / "p.yaml", "-w")
    assert outcome.code == 0, outcome.err
    assert "42" in outcome.out + outcome.err
