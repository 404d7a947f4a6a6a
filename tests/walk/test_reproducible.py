"""The same inputs give the same image and YAML, wherever, by whom and with which Python they are built.

The image's ID is the same in any case; with `--portable` every byte is, and so the manifest's digest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uv

from kfp.images.image import Image
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.parts.differences import differences
from tests.parts.interpreters import interpreters
from tests.parts.processes import missing, require
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import HELPER, LIGHTWEIGHT, TARGET

CHECKOUT = Path(__file__).resolve().parents[2]
BASE = "localhost/python-base:test"
NAMES = [f"part{number}" for number in range(10)]
COMPONENT = f"""\
from kfp import dsl
from .math import add_numbers


@dsl.component(base_image={BASE!r}, target_image={TARGET!r}, packages_to_install={NAMES!r})
def add(a: int, b: int) -> int:
    return add_numbers(a, b)
"""
NOBODY = 65534
# Another user who, as root does, may read this machine's interpreters wherever they lie.
AS_NOBODY = (
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--inh-caps=+dac_override,+dac_read_search", "--ambient-caps=+dac_override,+dac_read_search",
)  # fmt: skip


@dataclass(frozen=True)
class Circumstances:
    """What decides about nothing."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022
    prefix: tuple[str, ...] = ()
    python: str = sys.executable

    def __str__(self) -> str:
        return self.name


HERE = Circumstances("here", {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"})
OTHERS = (
    Circumstances("directory"),
    Circumstances("umask", umask=0o077),
    Circumstances("open-umask", umask=0),
    Circumstances("time-zone", {"TZ": "Asia/Tokyo"}),
    Circumstances("locale", {"LC_ALL": "C.UTF-8", "LANGUAGE": "de"}),
    Circumstances("hash-seed", {"PYTHONHASHSEED": "4242"}),
    Circumstances("home-and-terminal", {"HOME": "/nonexistent", "COLUMNS": "40", "TERM": "dumb", "NO_COLOR": "1"}),
    Circumstances("user", prefix=AS_NOBODY),
)


@dataclass(frozen=True)
class Place:
    """A directory with a home, wheels and a project, at the start the same everywhere."""

    root: Path

    @classmethod
    def copied(cls, origin: Place, root: Path) -> Place:
        """Copy a place; modes and times of the sources become others, as a checkout has them."""
        shutil.copytree(origin.root, root, symlinks=True)
        for path in (root / "work").rglob("*"):
            path.chmod(0o750 if path.is_dir() else 0o640)
            os.utime(path, (1_000_000_000, 1_000_000_000))
        return cls(root)

    def kfp(self, circumstances: Circumstances, *arguments: str) -> None:
        """Run a command in the project."""
        settings = {
            "KFP_HOME": str(self.root / "home"),
            "PIP_NO_INDEX": "1",
            "UV_FIND_LINKS": str(self.root / "wheels"),
            "UV_CACHE_DIR": str(self.root / "uv-cache"),
        }
        done = subprocess.run(
            [*circumstances.prefix, circumstances.python, "-m", "kfp.cli", *arguments],
            cwd=self.root / "work", env={**os.environ, **settings, **circumstances.environment},
            umask=circumstances.umask, check=False, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def build(self, circumstances: Circumstances, *options: str) -> Image:
        """Build the image and return it from the store."""
        self.kfp(circumstances, "component", "build", "src/", "--no-push-image", *options)
        image = Store(self.root / "home/images").get(Reference.parse(TARGET))
        assert image is not None
        return image


@pytest.fixture(scope="module")
def origin(bootstrapped: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What every build starts from: nothing is cached."""
    root = tmp_path_factory.mktemp("origin")
    shutil.copytree(bootstrapped, root / "home")
    for name in NAMES:  # enough for a layer of several packages
        scripts = {name: f"{name}:run"}
        files = {f"{name}.py": "#" * 900, f"space/{name}.py": "run = print\n", "space/shared.py": name}
        write_wheel(root / "wheels", name, files=files, scripts=scripts)
    (root / "work/src").mkdir(parents=True)
    (root / "work/src/math.py").write_text(HELPER)
    (root / "work/src/größe.txt").write_text("data")
    (root / "work/src/my_component.py").write_text(COMPONENT)
    (root / "work/light.py").write_text(LIGHTWEIGHT.format(base=BASE))
    return Place(root)


@pytest.fixture(scope="module")
def image(origin: Place, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image as it is built here."""
    return Place.copied(origin, tmp_path_factory.mktemp("here") / "a").build(HERE)


@pytest.fixture(scope="module")
def portable_image(origin: Place, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image as it is built here with --portable."""
    return Place.copied(origin, tmp_path_factory.mktemp("here") / "b").build(HERE, "--portable")


@pytest.fixture
def place(origin: Place) -> Iterator[Place]:
    """Another place, outside the directories that are root's alone."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
        Path(folder).chmod(0o755)
        yield Place.copied(origin, Path(folder) / "a" / "longer" / "path")


def check(place: Place, circumstances: Circumstances, image: Image, portable_image: Image) -> None:
    built = place.build(circumstances)
    assert differences(image, built) == []
    assert image.id == built.id
    # What lies in the caches already, and in which order it came there, decides about nothing either.
    again = place.build(circumstances, "--portable")
    assert differences(portable_image, again, portable=True) == []
    assert portable_image.digest == again.digest


@pytest.mark.parametrize("circumstances", OTHERS, ids=str)
def test_other_circumstances(circumstances: Circumstances, place: Place, image: Image, portable_image: Image) -> None:
    if circumstances.prefix:
        require(circumstances.prefix[0], "util-linux")
        if os.geteuid() != 0:
            missing("only root may become another user")
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", place.root], check=True)
    check(place, circumstances, image, portable_image)


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_other_interpreters(version: str, place: Place, image: Image, portable_image: Image, tmp_path: Path) -> None:
    found = interpreters().get(version)
    if found is None:
        missing(f"no Python {version} on this machine")
    command = uv.find_uv_bin()
    environment = tmp_path / "environment"
    subprocess.run([command, "venv", "-q", "--python", str(found), str(environment)], check=True)
    python = environment / "bin/python"
    subprocess.run([command, "pip", "install", "-q", "--python", str(python), "-e", str(CHECKOUT)], check=True)
    circumstances = Circumstances(version, python=str(python))
    check(place, circumstances, image, portable_image)
    compiled = []
    for each in (HERE, circumstances):
        place.kfp(each, "dsl", "compile", "--py", "light.py", "--output", "light.yaml")
        compiled.append((place.root / "work/light.yaml").read_text())
    assert compiled[0] == compiled[1]


def test_a_difference_is_named(place: Place, image: Image) -> None:
    """When a build is not reproducible, the failing test says which file of which layer it is."""
    path = place.root / "work/src/math.py"
    path.write_text(f"{HELPER}# changed\n")
    path.chmod(0o755)
    found = differences(image, place.build(HERE))
    last = len(image.layers) - 1
    named = [line for line in found if line.startswith(f"layer {last}: ")]
    assert all("usr/local/src/kfp/components/math.py: " in line for line in named)
    assert {line.split(": ")[2].split()[0] for line in named} == {"mode", "size", "content"}
    assert f"configuration.rootfs.diff_ids[{last}]" in " ".join(found)
    assert not any(line.startswith("layer 0") for line in found)
