from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which starting uv fails."""
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(tmp_path / "there-is-no-uv"))
