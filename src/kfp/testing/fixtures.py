"""The fixtures; pytest loads this file in every project of the environment, so it loads the rest when one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kfp.testing.run import Run

_SHARED = ("images", "cache/environments", "cache/runtime")
"""What is costly to make and the same for every test: of the user's own store."""


@pytest.fixture
def kfp_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of runs of the test's own (`KFP_HOME`), with the images and environments of the user's."""
    from kfp.home import kfp_home as users_home  # noqa: PLC0415 - see above

    home = tmp_path_factory.mktemp("kfp")
    for name in _SHARED:
        target = users_home() / name
        target.mkdir(parents=True, exist_ok=True)
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).symlink_to(target, target_is_directory=True)
    monkeypatch.setenv("KFP_HOME", str(home))
    return home


@pytest.fixture
def kfp_run(kfp_home: Path) -> Iterator[Run]:
    """Runs a component or pipeline: `kfp_run(component, a=1).output`."""
    from kfp.dsl.execution import install, installed  # noqa: PLC0415 - see above
    from kfp.testing.run import Run  # noqa: PLC0415 - see above

    before = installed()
    run = Run(kfp_home)
    run.set_up()
    yield run
    install(before)
