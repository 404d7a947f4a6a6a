"""Programs written by others take every kind of image that is built: a table of kinds and checkers."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kfp.images import media_types
from kfp.images.digest import sha256
from kfp.images.platform import Platform
from kfp.version import __version__
from tests.parts import image_tools
from tests.parts.engines import ContainerEngine
from tests.parts.image_schemas import LAYOUT, complaints
from tests.parts.image_tools import skopeo
from tests.parts.registry import RunningRegistry
from tests.walk.kinds import HOST, KINDS, PACKAGES, Built, Kind, Workshop

pytestmark = pytest.mark.engine

RUNTIME = f"kfp-skiff=={__version__}"
COMPONENTS = "usr/local/src/kfp/components"
STEP = {
    "inputs": {"parameterValues": {"name": "you"}},
    "outputs": {
        "parameters": {"Output": {"outputFile": "/tmp/out/Output"}},
        "outputFile": "/tmp/out/executor_output.json",
    },
}


@pytest.fixture(autouse=True)
def room(tmp_path: Path) -> Iterator[None]:
    """What a test unpacked goes with it: all of it together would be gigabytes."""
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)


Build = Callable[[Kind], Built]


@pytest.fixture(scope="module")
def build(bootstrapped: Path, registry: RunningRegistry, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds an image of a kind, once."""
    workshop = Workshop(bootstrapped, tmp_path_factory.mktemp("workshop"), registry)
    workshop.prepare()
    return functools.cache(workshop.build)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def image(build: Build, request: pytest.FixtureRequest) -> Built:
    """An image of each kind in turn, pushed to a registry."""
    return build(request.param)


@pytest.fixture(scope="module", params=[kind for kind in KINDS if HOST in kind.platforms], ids=str)
def image_for_here(build: Build, request: pytest.FixtureRequest) -> Built:
    """An image of each kind that this machine can run."""
    return build(request.param)


Step = Callable[[ContainerEngine, Built], None]


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """Runs the image's component and its console script in an engine, and looks at what came of them."""

    def run(engine: ContainerEngine, image: Built) -> None:
        out = tmp_path / "out"
        out.mkdir()
        box = ("run", "--rm", "--network", "none")
        command = ["python3", "-m", "kfp.dsl.executor_main", "--executor_input", json.dumps(STEP)]
        engine(*box, "-v", f"{out}:/tmp/out", image.name, *command, "--function_to_execute", "greet")
        written = json.loads((out / "executor_output.json").read_text())
        assert written["parameterValues"] == {"Output": f"HELLO YOU!{HOST.architecture}"}
        assert engine(*box, image.name, "tiny-say").stdout == "hello script\n"

    return run


def docker_is_older_than_zstd(docker: ContainerEngine) -> bool:
    return int(docker("version", "--format", "{{.Server.Version}}").stdout.partition(".")[0]) < 23


def documents(image: Built) -> Iterator[tuple[str, bytes]]:
    """The media type and the bytes of everything that the image's name leads to, but its layers."""
    data = image_tools.raw_manifest(image.name)
    document = json.loads(data)
    entries = document.get("manifests", ())
    members = [(entry["mediaType"], image_tools.raw_blob(image.registry, entry["digest"])) for entry in entries]
    for media_type, text in [(document["mediaType"], data), *members]:
        yield media_type, text
        if media_type in media_types.MANIFESTS:
            config = json.loads(text)["config"]
            yield config["mediaType"], image_tools.raw_blob(image.registry, config["digest"])


def test_the_registry_holds_what_the_build_says(image: Built) -> None:
    data = image_tools.raw_manifest(image.name)
    assert sha256(data) == image.report["digest"]
    digests = {each["platform"]: each["digest"] for each in image.report["platforms"]}
    assert list(digests) == [str(platform) for platform in image.kind.platforms]
    entries = json.loads(data).get("manifests")
    if entries is None:
        assert list(digests.values()) == [image.report["digest"]]
    else:
        assert [entry["digest"] for entry in entries] == list(digests.values())
        assert len(set(digests.values())) == len(digests), "each platform has its own wheels"


def test_documents_fit_the_schemas(image: Built) -> None:
    found = list(documents(image))
    assert len(found) >= 2
    for media_type, data in found:
        assert complaints(json.loads(data), media_type) == [], media_type
    layout = image.project.home / "images"
    assert complaints(json.loads((layout / "index.json").read_bytes()), media_types.OCI_INDEX) == []
    assert complaints(json.loads((layout / "oci-layout").read_bytes()), LAYOUT) == []


def test_documents_speak_one_family(image: Built) -> None:
    """Some registries refuse a manifest whose parts are of another family than itself."""
    word = "docker" if image.kind.base.startswith("docker") else "oci"
    for media_type, data in documents(image):
        document = json.loads(data)
        layers = [layer["mediaType"] for layer in document.get("layers", ())]
        assert all(f"vnd.{word}." in each for each in (media_type, *layers)), (media_type, layers)


def test_skopeo_inspects(image: Built) -> None:
    for platform in image.kind.platforms:
        name = f"docker://{image.pinned(platform)}"
        seen = json.loads(skopeo("inspect", "--tls-verify=false", name))
        assert (seen["Os"], seen["Architecture"]) == (platform.os, platform.architecture)
        config = json.loads(skopeo("inspect", "--tls-verify=false", "--config", name))
        assert config["config"]["WorkingDir"] == f"/{COMPONENTS}"
        assert len([step for step in config["history"] if not step.get("empty_layer")]) == len(seen["Layers"])


def test_skopeo_copies_to_a_directory(image: Built, tmp_path: Path) -> None:
    skopeo("copy", "--all", "--src-tls-verify=false", f"docker://{image.name}", f"dir:{tmp_path / 'copy'}")
    assert sha256((tmp_path / "copy/manifest.json").read_bytes()) == image.report["digest"]


def test_skopeo_copies_to_another_registry(image: Built, locked_registry: RunningRegistry) -> None:
    name = f"{locked_registry.host}/copied/{image.kind}:v1"
    credentials = f"{locked_registry.username}:{locked_registry.password}"
    skopeo(
        "copy", "--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false",
        "--dest-creds", credentials, f"docker://{image.name}", f"docker://{name}",
    )  # fmt: skip
    assert image.report["digest"].removeprefix("sha256:") in locked_registry.blobs()


def test_skopeo_copies_to_a_docker_archive(image: Built, tmp_path: Path) -> None:
    layout = image_tools.layout_of(image.pinned(image.last), tmp_path / "layout", gzip=image.kind.zstd)
    target = f"docker-archive:{tmp_path / 'image.tar'}"
    skopeo("copy", f"oci:{layout}:{image_tools.REF}", f"{target}:a/b:v1")
    assert json.loads(skopeo("inspect", "--config", target))["architecture"] == image.last.architecture


@pytest.mark.parametrize("form", ["oci", "docker"])
def test_skopeo_reads_saved_archives(image_for_here: Built, tmp_path: Path, form: str) -> None:
    path = tmp_path / "saved.tar"
    image_for_here.project.kfp("image", "save", image_for_here.name, "-o", str(path), "--format", form)
    skopeo("copy", f"{form}-archive:{path}", f"dir:{tmp_path / 'copy'}")
    config = json.loads((tmp_path / "copy/manifest.json").read_bytes())["config"]["digest"]
    assert config in [each["id"] for each in image_for_here.report["platforms"]]


def test_oci_image_tool_validates(image: Built, tmp_path: Path) -> None:
    layout = image_tools.layout_of(image.name, tmp_path / "layout", gzip=image.kind.zstd)
    assert "succeeded" in image_tools.validate(layout)


def test_umoci_unpacks(image: Built, tmp_path: Path) -> None:
    layout = image_tools.layout_of(image.pinned(image.last), tmp_path / "layout", gzip=image.kind.zstd)
    root = image_tools.unpacked(layout, tmp_path / "bundle")
    assert "def greet" in (root / COMPONENTS / "greeter.py").read_text()
    (native,) = root.glob("usr/local/lib/python3*/site-packages/native.py")
    assert native.read_text() == f"MACHINE = {image.last.architecture!r}\n"


def test_syft_finds_the_packages_that_were_installed(image: Built) -> None:
    found = image_tools.python_packages(image.pinned(image.last), "--platform", str(image.last))
    assert found == set(image.report["platforms"][-1]["packages"]) == set(PACKAGES)


def attached(image: Built, platform: Platform) -> list[bytes]:
    """The manifests of what refers to an image, by the tag that stands in for the Referrers API (distribution-spec)."""
    repository, _, digest = image.pinned(platform).partition("@")
    index = image_tools.raw_manifest(f"{repository}:{digest.replace(':', '-')}")
    assert complaints(json.loads(index), media_types.OCI_INDEX) == []
    entries = json.loads(index)["manifests"]
    manifests = [image_tools.raw_blob(image.registry, entry["digest"]) for entry in entries]
    for entry, data in zip(entries, manifests, strict=True):
        manifest = json.loads(data)
        assert complaints(manifest, media_types.OCI_MANIFEST) == []
        assert manifest["subject"]["digest"] == digest
        assert entry["artifactType"] == manifest["artifactType"]
    return manifests


def test_the_attached_bill_of_materials_is_what_syft_finds(image: Built, tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    for platform in image.kind.platforms:
        manifests = [json.loads(data) for data in attached(image, platform)]
        (bill,) = [each for each in manifests if each["artifactType"] == "application/vnd.cyclonedx+json"]
        path.write_bytes(image_tools.raw_blob(image.registry, bill["layers"][0]["digest"]))
        assert image_tools.python_packages(str(path)) - {RUNTIME} == set(PACKAGES)
        assert any("slsa" in json.dumps(each["annotations"]) for each in manifests)


def test_nothing_is_attached_where_nothing_is_wanted(build: Build) -> None:
    image = build(Kind("no-sbom", options=("--no-sbom",)))
    tags = json.loads(skopeo("list-tags", "--tls-verify=false", f"docker://{image.name.rpartition(':')[0]}"))["Tags"]
    assert tags == ["v1"]


def test_podman_runs_the_step(image_for_here: Built, podman: ContainerEngine, step: Step) -> None:
    podman("pull", "-q", "--tls-verify=false", image_for_here.name)
    step(podman, image_for_here)


def test_docker_runs_the_step(image_for_here: Built, docker: ContainerEngine, step: Step) -> None:
    if image_for_here.kind.zstd and docker_is_older_than_zstd(docker):
        assert "invalid tar header" in docker("pull", "-q", image_for_here.name, check=False).stderr
        return
    docker("pull", "-q", image_for_here.name)
    step(docker, image_for_here)


def test_docker_loads_a_saved_archive(
    image_for_here: Built, docker: ContainerEngine, step: Step, tmp_path: Path
) -> None:
    path = tmp_path / "saved.tar"
    image_for_here.project.kfp("image", "save", image_for_here.name, "-o", str(path), "--format", "docker")
    docker("load", "-i", str(path))
    step(docker, image_for_here)
