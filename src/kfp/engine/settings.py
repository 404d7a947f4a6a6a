"""How a run is done: where it keeps its files, what its steps run in, how many at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from kfp.engine.addresses import STORES, is_store, local, redacted
from kfp.engine.scheduling.capacity import machine, processors
from kfp.engine.scheduling.resources import Request
from kfp.errors import RunError
from kfp.home import kfp_home


class Source(msgspec.Struct, frozen=True):
    """Where the code of a containerized component lies on this machine, so that it runs without having been built.

    Args:
        directory: the component directory; it becomes the step's working directory.
        modules: the file that holds each function, relative to the directory.
        import_path: directories that its modules import from besides, as they do where the author runs them.
        requirements: what the component installs.
        index_urls: package indexes, the first one in place of PyPI.
        trusted_hosts: hosts whose certificates are not checked.
    """

    directory: Path
    modules: Mapping[str, Path] = msgspec.field(default_factory=dict)
    import_path: tuple[Path, ...] = ()
    requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()


def default_parallelism() -> int:
    """Return how many steps run at a time: KFP_PARALLELISM, else one per processor that may be used, at least 2.

    Raises:
        RunError: KFP_PARALLELISM is no number of steps.
    """
    text = os.environ.get("KFP_PARALLELISM", "").strip()
    if not text:
        return max(2, -(-processors() // 1000))
    if not text.isdecimal() or int(text) < 1:
        raise RunError(f"KFP_PARALLELISM is {text!r}", hint="say how many steps run at a time at most, such as 4")
    return int(text)


class RunSettings(msgspec.Struct, frozen=True):
    """The settings of one run.

    Args:
        home: the directory of the runs, the image store and the caches.
        pipeline_root: the directory that artifacts go to, or the URI of an object store; None is what the pipeline
            says, else `<home>/artifacts`.
        runner: `process` runs Python steps as processes of this machine, `container` every step in a container of
            docker or podman, `runc` in a container without a daemon, of an image of the local store.
        parallelism: how many steps run at the same time, at most; by default `default_parallelism()`.
        capacity: what the machine has for steps that ask for processors, memory or accelerators.
        experiment: the group that the run is listed under.
        run_name: how the run is listed; None takes the pipeline's name and the beginning of the
            run's identifier.
        sources: the code of containerized components that were not built, by image name and function.
        reuse_interpreter: with the process runner, let steps whose packages this interpreter has run without an
            environment of their own.
        any_python: with the process runner, let this interpreter run every Python step, whatever version its image has.
        container_options: options of `docker run` by their name in docker-py, such as `network_mode`.
        workspace: the directory that `dsl.WORKSPACE_PATH_PLACEHOLDER` stands for; None gives a run whose pipeline has
            a workspace one in its own directory.
        secrets: the file or directory with the secrets that steps may have (`kfp.engine.platforms.named`); None is what
            the environment variable KFP_SECRETS names.
        config_maps: the same for ConfigMaps and KFP_CONFIG_MAPS.
        volumes: directories that stand for volume claims, by the claim's name; any other claim is a directory of its
            own below `<home>/volumes`.
        caching: whether tasks whose options allow it take their outputs from earlier runs, and leave theirs for later
            ones; without it no task does either.
        cache_root: the directory of the cache; None is `<home>/cache/steps`.
        timeout: seconds after which the run is canceled; None never does.
        grace: seconds between asking a canceled step to stop and stopping it.
    """

    home: Path = msgspec.field(default_factory=kfp_home)
    pipeline_root: Path | str | None = None
    runner: Literal["process", "container", "runc"] = "process"
    parallelism: int = msgspec.field(default_factory=default_parallelism)
    capacity: Request = msgspec.field(default_factory=machine)
    experiment: str = "Default"
    run_name: str | None = None
    sources: Mapping[tuple[str, str], Source] = msgspec.field(default_factory=dict)
    reuse_interpreter: bool = False
    any_python: bool = False
    container_options: Mapping[str, Any] = msgspec.field(default_factory=dict)
    workspace: Path | None = None
    secrets: Path | None = None
    config_maps: Path | None = None
    volumes: Mapping[str, Path] = msgspec.field(default_factory=dict)
    caching: bool = True
    cache_root: Path | None = None
    timeout: float | None = None
    grace: float = 5.0

    @property
    def artifacts(self) -> Path | str:
        """The directory that artifacts go to, or the URI of an object store."""
        root = self.pipeline_root if self.pipeline_root is not None else self.home / "artifacts"
        return Path(root) if isinstance(root, str) and "://" not in root else root


def rooted(settings: RunSettings, said: str) -> RunSettings:
    """Return the settings of a run with its pipeline root.

    Args:
        settings: they win, where they name one.
        said: the pipeline's own (`PipelineSpec.default_pipeline_root`). A relative path in it means nothing here.

    Raises:
        RunError: artifacts cannot be kept there.
    """
    root = settings.pipeline_root if settings.pipeline_root is not None else said
    if isinstance(root, str):
        if root[:5].lower() == "file:":
            root = local(root)
        elif "://" in root and not is_store(root):
            raise RunError(
                f"artifacts cannot be kept at {redacted(root)}",
                hint=f"a pipeline root is a directory, or begins with {', '.join(f'{each}://' for each in STORES)}",
            )
        if settings.pipeline_root is None and not (root.startswith("/") or is_store(root)):
            return settings
        return msgspec.structs.replace(settings, pipeline_root=root if is_store(root) else Path(root))
    return settings
