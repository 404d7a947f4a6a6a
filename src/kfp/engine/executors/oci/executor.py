"""Runs steps in containers that the OCI runtime makes, without a daemon, of images of the local store."""

from __future__ import annotations

import contextlib
import os
import posixpath
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.executors.child import Child
from kfp.engine.executors.command_line import container_name, step_args
from kfp.engine.executors.ending import step_end
from kfp.engine.executors.failures import describe_container_failure
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.images import Images
from kfp.engine.executors.leftovers import STEP_ID
from kfp.engine.executors.mounts import open_to_everybody, seen, step_mounts
from kfp.engine.executors.oci import cgroups
from kfp.engine.executors.oci.bundle import Bundle, this_host
from kfp.engine.executors.oci.machine import find_machine
from kfp.engine.executors.oci.options import oci_options
from kfp.engine.executors.oci.rootfs import RootFileSystem
from kfp.engine.executors.oci.spec import Command, Rights, config, variables
from kfp.engine.executors.oci.users import User, find_groups, find_user
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.scheduling.capacity import machine
from kfp.engine.step import Mount, StepEnd
from kfp.errors import ImageNotFound, RegistryError, RunError
from kfp.images.layer_cache import LayerCache
from kfp.images.removal import remove_tree
from kfp.images.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kfp.engine.executors.child import Exit
    from kfp.engine.planning.plan import Task
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Handle, Report, Step
    from kfp.images.config import Config
    from kfp.images.image import Image

_UNLIMITED = "limits on cores and memory are not enforced: this user cannot make cgroups here"
_NO_ACCELERATORS = "containers of runc get no accelerators; docker's and podman's do"

# What a killed engine leaves are files only: everything that ran has ended with its namespaces.
_SWEEP = 'rm -rf -- "$0/$1"; rmdir /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"'


class RuncExecutor:
    """Runs each step in a container of its own, with the step's directories mounted where they lie.

    Args:
        settings: of the run.
        images: where images are looked up.

    Raises:
        EngineUnavailable: there is no runtime, or this machine does not let this user make containers.
        RunError: a container option is unknown.
        OSError: the cache cannot be written.
    """

    def __init__(self, settings: RunSettings, *, images: Images | None = None) -> None:
        self._options = oci_options(settings.container_options)
        self._settings = settings
        self._images = images or Images(settings.home)
        self._stage = Stage((settings.home / "cache" / "containers").absolute())
        try:
            self._machine = find_machine(self._stage.path)
        except BaseException:
            self._stage.close()
            raise
        layers = (settings.home / "cache" / "layers").absolute()
        self._layers = LayerCache(layers, owned=not self._machine.rootless, marks=self._machine.marks)
        self._rights = Rights(
            rootless=self._machine.rootless,
            cgroups=self._machine.cgroups,
            capabilities=-1 if self._machine.rootless else _capabilities(),
            cgroup_namespaces=cgroups.are_unified(),
            seccomp=self._machine.seccomp,
        )
        self._fetching = threading.Lock()
        self._guard = Guard(("sh", "-c", _SWEEP, str(self._stage.path)))

    def check(self, tasks: Iterable[Task]) -> Sequence[str]:
        """Refuse an image that is nowhere: neither in the local store nor in its registry.

        Returns:
            What cannot be honoured here.

        Raises:
            ImageNotFound: an image is nowhere.
            RegistryError: an image's registry does not answer, or refuses.
            InvalidReference: an image's name is malformed.
        """
        containers = {task.label: (task.name, task.container) for task in tasks if task.container is not None}
        for name, container in containers.values():
            if "{{$" not in container.image:
                try:
                    self._images.find(container.image)
                except (ImageNotFound, RegistryError) as error:
                    raise type(error)(
                        f"task {name!r} runs in image {container.image}, which the local store does not have: "
                        f"{error.message}",
                        hint="build it first with `kfp component build`, or check the image's name",
                    ) from error
        wanted = [container.resources for _, container in containers.values() if container.resources is not None]
        limited = any(
            each.cpu_limit or each.memory_limit or each.resource_cpu_limit or each.resource_memory_limit
            for each in wanted
        )
        return [
            *([_UNLIMITED] if limited and not self._machine.cgroups else []),
            *([_NO_ACCELERATORS] if any(each.accelerator for each in wanted) and machine().accelerators else []),
        ]

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""
        name = container_name(step)
        child = Child(self._settings.grace, self._guard)
        in_own_thread(name, lambda: self._run_container(step, name, child, report), report, lambda: child.canceled)
        return child

    def close(self) -> None:
        """Let go of the containers' files, and of what watches over them."""
        self._guard.close()
        self._stage.close()

    def _run_container(self, step: Step, name: str, child: Child, report: Report) -> StepEnd:
        image = self._images.find(step.image)
        root = self._root(image)
        if child.canceled:
            return StepEnd(canceled=True)
        with self._guard.container(name):
            directory = self._stage.path / name
            places = seen(step, self._settings.container_options)
            try:
                bundle = Bundle(directory, root, self._machine)
                bundle.configure(self._config(step, image.config, root, bundle))
                exit_ = child.run(
                    bundle.command(name),
                    environment={"PATH": os.environ.get("PATH", os.defpath), STEP_ID: step.id},
                    cwd=directory,
                    log=step.paths.log,
                    on_line=report.line,
                    timeout=step.timeout,
                )
                refusal = bundle.refusal() if exit_ is not None and exit_.code else None
            finally:
                remove_tree(directory)
                cgroups.remove(name)

        def failed(ended: Exit) -> StepEnd:
            if refusal is not None:
                return StepEnd(error=f"{self._machine.runtime} did not run image {step.image}: {refusal}", final=True)
            return StepEnd(error=describe_container_failure(ended.code, ended.tail, step.paths.log))

        return step_end(step, exit_, failed, canceled=child.canceled, seen=places)

    def _root(self, image: Image) -> RootFileSystem:
        """Return an image's files; layers that are not on this machine are fetched several at a time."""
        store = self._images.store
        if any(not self._layers.has(layer) and not store.blobs.has(layer.descriptor.digest) for layer in image.layers):
            from kfp.images.distribution.pull import fetch_layers  # noqa: PLC0415 - mostly they are there

            with self._fetching:  # once, however many steps wait for them
                fetch_layers(image, store)
        return RootFileSystem([self._layers.get(layer) for layer in image.layers])

    def _config(self, step: Step, image: Config, root: RootFileSystem, bundle: Bundle) -> dict[str, object]:
        options, args = self._options, step_args(step)
        user = self._user(image, root, step.user)
        if user.uid:
            open_to_everybody(step)
        hostname = options.hostname or this_host()
        start = options.entrypoint or (() if step.command else image.entrypoint)
        given = [*step.command, *args]
        words = [*start, *(given or (() if options.entrypoint else image.cmd))]
        if not words:
            raise RunError(
                f"task {step.task!r} has no command, and neither has its image {step.image}",
                hint="give the component a command",
            )
        own = {**step.environment, **step.secrets, STEP_ID: step.id}
        command = Command(
            args=tuple(words),
            environment=variables(image.env, options.environment, own, home=user.home, hostname=hostname),
            directory=_directory(options.directory if options.directory is not None else image.working_dir, step),
            user=user,
        )
        mounts: list[Mount] = [*bundle.network_files(options, hostname), *options.mounts, *step_mounts(step)]
        resources = options.resources.over(step.limits).to_json()
        name = bundle.directory.name
        return config(command, mounts, options, resources, self._rights, hostname=hostname, cgroup=name)

    def _user(self, image: Config, root: RootFileSystem, given: str) -> User:
        passwd, group = root.text("etc/passwd"), root.text("etc/group")
        asked = self._options.user if self._options.user is not None else given or None
        wanted = find_user(asked if asked is not None else image.user, passwd, group)
        groups = (*wanted.groups, *find_groups(list(self._options.groups), group))
        if not self._rights.rootless:
            return User(wanted.uid, wanted.gid, groups, wanted.home)
        if asked is not None and (wanted.uid, wanted.gid) != (0, 0):
            raise RunError(
                f"a container of an ordinary user has no user {asked!r}: its root is the user who runs it",
                hint="leave the option 'user' or the security context out, or run as root, or with docker or podman",
            )
        return User(home=wanted.home)


def _directory(asked: str, step: Step) -> str:
    """Return where a command starts: below /proc, it could be one of the runtime's own open directories."""
    plain = posixpath.normpath(f"/{asked}")
    if plain.lstrip("/").split("/")[0] == "proc":
        raise RunError(f"image {step.image} of task {step.task!r} starts in {asked}, where nothing can")
    return plain


def _capabilities() -> int:
    """Return what this process may pass on, as the system's bit mask."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("CapPrm:"):
                return int(line.split()[1], 16)
    return -1
