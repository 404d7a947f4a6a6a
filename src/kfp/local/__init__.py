"""Runs components and pipelines on this machine when they are called like functions.

After `local.init(runner=local.SubprocessRunner())`, `add(a=1, b=2).output` is 3, for a component or a pipeline `add`.
The engine and the compiler are loaded at the first call: this module is all that `local.init` needs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.dsl.execution import install
from kfp.errors import AuthoringError
from kfp.home import kfp_home
from kfp.local.runners import DockerRunner, RuncRunner, SubprocessRunner
from kfp.local.task import LocalTask

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.local.runners import Runner

__all__ = ["DockerRunner", "LocalTask", "RuncRunner", "SubprocessRunner", "init"]


@dataclass(frozen=True)
class _Local:
    """What `init` was told; runs what is called."""

    runner: Runner
    pipeline_root: Path | str
    workspace_root: Path | None
    raise_on_error: bool
    cache_root: Path | None

    def __call__(self, component: BaseComponent, arguments: dict[str, Any]) -> LocalTask:
        from kfp.local.calling import call, run_settings  # noqa: PLC0415 - start-up time

        settings = run_settings(component, self.runner, self.pipeline_root, self.workspace_root, self.cache_root)
        return call(component, arguments, settings, raise_on_error=self.raise_on_error)


def init(  # noqa: PLR0917 - KFP's own signature
    runner: Runner,
    pipeline_root: str | os.PathLike[str] = "./local_outputs",
    workspace_root: str | os.PathLike[str] | None = None,
    raise_on_error: bool = True,
    enable_caching: bool = False,
    cache_root: str | os.PathLike[str] | None = None,
) -> None:
    """Have components and pipelines run on this machine when they are called.

    It holds in the current context (`contextvars`) and those copied from it, such as asyncio tasks, and in every thread
    that does not call `init` for itself. KFP_PARALLELISM says how many steps run at the same time, at most.

    Args:
        runner: what steps run in.
        pipeline_root: the directory that artifacts go to, or the URI of an object store: `s3://`, `gs://`, `az://`,
            `minio://`. What a pipeline returns from there is brought here, so that its `path` is a file.
        workspace_root: the directory that `dsl.WORKSPACE_PATH_PLACEHOLDER` stands for.
        raise_on_error: raise when a run fails; otherwise the returned task's `state` and `error` tell, and its
            `outputs` are empty.
        enable_caching: have the tasks of a pipeline take their outputs from earlier runs where nothing has changed
            that decides them, unless `set_caching_options(False)` was said; `kfp run get` tells why a task ran all the
            same. A component that is called by itself always runs.
        cache_root: the directory of the cache; None is `.kfp_cache` in the pipeline root, and that of `kfp run`
            where the root is an object store.

    Raises:
        AuthoringError: the runner is not one.
    """
    if not isinstance(runner, (SubprocessRunner, DockerRunner, RuncRunner)):
        raise AuthoringError(
            f"{runner!r} is not a runner",
            hint="pass SubprocessRunner(), DockerRunner() or RuncRunner()",
        )
    place = os.fspath(pipeline_root)
    root = place if "://" in place else _directory(place)
    caches = root / ".kfp_cache" if isinstance(root, Path) else kfp_home() / "cache" / "steps"
    cache = (_directory(cache_root) if cache_root else caches) if enable_caching else None
    workspace = _directory(workspace_root) if workspace_root is not None else None
    install(_Local(runner, root, workspace, raise_on_error, cache))


def _directory(path: str | os.PathLike[str]) -> Path:
    """Return a directory wherever the program goes after."""
    return Path(path).expanduser().absolute()
