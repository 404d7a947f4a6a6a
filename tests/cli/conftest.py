"""What the command line's tests share: a way to run it here and to look at all that comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from kfp.cli.entry import run


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
