"""What the command line's tests share: a way to run it here and to look at all that comes out, and a base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from kfp.cli.entry import run
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, python_base


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


Kfp: TypeAlias = Callable[..., Outcome]


@pytest.fixture
def kfp(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Kfp:
    """Run `kfp` with arguments in this process and return its exit code, stdout and stderr."""
    for name in ("KFP_ENDPOINT", "KFP_OUTPUT", "KFP_NAMESPACE", "KFP_DEBUG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture
def store(kfp_home: Path) -> Store:
    """A store whose base image is for two platforms."""
    made = Store(kfp_home / "images")
    made.put(ImageIndex.of([python_base(), python_base(platform=Platform("linux", "arm64"))]), Reference.parse(BASE))
    return made
