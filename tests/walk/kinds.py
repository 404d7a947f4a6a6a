"""Every kind of image that `kfp component build` makes, built once and pushed to a real registry."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfp.build.packages import LAYER_LIMIT
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.media_types import DOCKER, OCI
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import Project

HOST = Platform.host()
OTHER = Platform("linux", "arm64" if HOST.architecture == "amd64" else "amd64")
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
PARTS = tuple(f"part{number}" for number in range(LAYER_LIMIT))
"""More packages than there are layers for them: the last layer is put together from several wheels."""

PACKAGES = ("leaf==2.1", "native==1.0", *(f"{name}==1.0" for name in PARTS), "tiny==1.0")

COMPONENT = """\
from kfp import dsl
from .loudly import shout


@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install=["tiny", "native"])
def greet(name: str) -> str:
    import native, tiny

    return shout(tiny.greeting(name)) + native.MACHINE
"""
SIBLING = "def shout(text):\n    return text.upper() + '!'\n"


@dataclass(frozen=True)
class Kind:
    """A kind of image.

    Attributes:
        base: of the bases that `Workshop` makes, which one.
        options: of the build.
        platforms: what the image is for, in the order of its index.
        rebased: the base that is put under the image after it was built.
        zstd: whether its layers are in zstd, which is younger than some programs.
    """

    name: str
    base: str = "oci"
    options: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = (HOST,)
    rebased: str | None = None
    zstd: bool = False

    def __str__(self) -> str:
        return self.name


BOTH = ("--platform", f"{HOST},{OTHER}")
KINDS = (
    Kind("one-platform"),
    Kind("another-platform", "oci-index", ("--platform", str(OTHER)), (OTHER,)),
    Kind("index", "oci-index", BOTH, (HOST, OTHER)),
    Kind("docker-base", "docker"),
    Kind("docker-index", "docker-index", BOTH, (HOST, OTHER)),
    Kind("rebased", "oci-index", BOTH, (HOST, OTHER), rebased="patched"),
    Kind("portable", options=("--portable",)),
    Kind("zstd", options=("--compression", "zstd"), zstd=True),
)


@dataclass(frozen=True)
class Built:
    """An image of a kind, in a store and in a registry.

    Attributes:
        report: what the build said of it with `--output json`.
    """

    kind: Kind
    name: str
    registry: RunningRegistry
    project: Project
    report: dict[str, Any]

    @property
    def last(self) -> Platform:
        """The last of its platforms: with one look at each kind, every platform is looked at."""
        return self.kind.platforms[-1]

    def pinned(self, platform: Platform) -> str:
        """The name of the image for one platform, by its digest."""
        (digest,) = [each["digest"] for each in self.report["platforms"] if each["platform"] == str(platform)]
        return f"{self.name.rpartition(':')[0]}@{digest}"


@dataclass(frozen=True)
class Workshop:
    """A store with bases of each family, a directory of wheels, and a registry.

    Args:
        bootstrapped: a home with `localhost/python-base:test`.
        folder: empty.
    """

    bootstrapped: Path
    folder: Path
    registry: RunningRegistry

    def prepare(self) -> None:
        """Make the bases and the wheels."""
        shutil.copytree(self.bootstrapped, self._home)
        store = Store(self._home / "images")
        base = store.get(Reference.parse("localhost/python-base:test"))
        if base is None:
            raise LookupError("the bootstrapped home has no base")
        for family in (OCI, DOCKER):
            image = base.in_family(family)
            both = ImageIndex.of([image, _for(OTHER, image)])
            store.put(image, Reference.parse(f"localhost/base:{family.name}"))
            store.put(both, Reference.parse(f"localhost/base:{family.name}-index"))
        patched = base.with_config(base.config.with_labels({"patched": "yes"}))
        store.put(ImageIndex.of([patched, _for(OTHER, patched)]), Reference.parse("localhost/base:patched"))
        wheels = self.folder / "wheels"
        write_wheel(
            wheels,
            "tiny",
            requires=("leaf", *PARTS),
            scripts={"tiny-say": "tiny:main"},
            files={
                "tiny/__init__.py": (
                    "import leaf\ndef greeting(name):\n    return leaf.WORD + ' ' + name\n"
                    "def main():\n    print(greeting('script'))\n"
                )
            },
        )
        for name in PARTS:  # a directory and a file that they share
            write_wheel(wheels, name, files={f"space/{name}.py": f"NAME = {name!r}\n", "space/shared.py": name})
        write_wheel(wheels, "leaf", "2.1", files={"leaf.py": "WORD = 'hello'\n"})
        version = f"cp3{sys.version_info.minor}"
        for architecture, machine in MACHINES.items():
            tag = f"{version}-{version}-manylinux_2_17_{machine}"
            write_wheel(wheels, "native", tag=tag, files={"native.py": f"MACHINE = {architecture!r}\n"})

    def build(self, kind: Kind) -> Built:
        """Build an image of a kind and push it."""
        target = f"{self.registry.host}/kinds/{kind}:v1"
        project = Project(self.folder / kind.name, self._home)
        source = COMPONENT.format(base=f"localhost/base:{kind.base}", target=target)
        project.write({"src/greeter.py": source, "src/loudly.py": SIBLING})
        report = project.data("component", "build", "src/", *kind.options, **self._settings())
        if not isinstance(report, list):
            raise TypeError(json.dumps(report))
        return Built(kind, target, self.registry, project, self._rebased(project, kind, target, report[0]))

    def _rebased(self, project: Project, kind: Kind, target: str, report: dict[str, Any]) -> dict[str, Any]:
        """Put another base under the image, if its kind says so, and return the report of what it is then."""
        if kind.rebased is None:
            return report
        base = f"localhost/base:{kind.rebased}"
        said = project.data("image", "rebase", target, "--base", base, "--push-image", **self._settings())
        if not isinstance(said, dict) or not said["changed"]:
            raise TypeError(json.dumps(said))
        both = zip(report["platforms"], said["platforms"], strict=True)
        return {**report, **said, "platforms": [{**before, **after} for before, after in both]}

    @property
    def _home(self) -> Path:
        return self.folder / "home"

    def _settings(self) -> dict[str, str]:
        config = self.folder / "docker"
        config.mkdir(exist_ok=True)
        (config / "config.json").write_text(self.registry.docker_config())
        return {
            "DOCKER_CONFIG": str(config),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "PIP_NO_INDEX": "1",
            "UV_FIND_LINKS": str(self.folder / "wheels"),
            "UV_CACHE_DIR": str(self.folder / "uv-cache"),
        }


def _for(platform: Platform, image: Image) -> Image:
    """The same files under another platform's name: nobody runs them, and a build only reads them."""
    return image.with_config(image.config.with_platform(platform))
