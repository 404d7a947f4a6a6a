"""A container's bundle on disk: its root file system's directories, its configuration, and the files of its /etc."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.engine.executors.oci.spec import ROOT
from kfp.engine.step import Mount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.executors.oci.machine import Machine
    from kfp.engine.executors.oci.options import Options
    from kfp.engine.executors.oci.rootfs import RootFileSystem

_UPPER, _WORK, _STATE = "upper", "work", "state"
_LOG, _MOUNT_LOG = "runtime.log", "mount.log"
_MOUNT = f'mount -t overlay overlay -o "$0" {ROOT} 2>{_MOUNT_LOG} && exec "$@"'
_LOCAL = "127.0.0.1\tlocalhost\n::1\tlocalhost\n"


class Bundle:
    """The directory of one container.

    Args:
        directory: is made.
        root: the image's files.
        machine: how containers are made here.

    Raises:
        OSError: the disk refuses.
    """

    def __init__(self, directory: Path, root: RootFileSystem, machine: Machine) -> None:
        self.directory = directory
        self._machine = machine
        self._layers = root.directories
        directory.mkdir(mode=0o700)
        (directory / ROOT).mkdir()
        if not machine.marks:
            root.copy(directory / ROOT)
            return
        (directory / _WORK).mkdir()
        (directory / _UPPER).mkdir()
        root.prepare_upper(directory / _UPPER)
        # By short names: what mount is told must fit into one page, and must hold no comma or colon.
        for number, layer in enumerate(self._layers):
            (directory / str(number)).symlink_to(layer)
        if not self._layers:
            (directory / "0").mkdir()

    def network_files(self, options: Options, hostname: str) -> list[Mount]:
        """Write the files by which programs find hosts, and return their mounts; the container may change them."""
        hosts = _LOCAL + f"127.0.0.1\t{hostname}\n"
        made = {"hostname": f"{hostname}\n"}
        if options.network == "host":
            hosts = _read(Path("/etc/hosts")) or hosts
            made["resolv.conf"] = _read(Path("/etc/resolv.conf"))
        made["hosts"] = hosts + "".join(f"{address}\t{name}\n" for name, address in options.hosts.items())
        for name, text in made.items():
            (self.directory / name).write_text(text, encoding="utf-8")
            (self.directory / name).chmod(0o644)
        return [Mount(self.directory / name, f"/etc/{name}") for name in made]

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the container's configuration, which nobody else may read: it may hold secrets."""
        descriptor = os.open(self.directory / "config.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(config, file, ensure_ascii=False)

    def command(self, name: str) -> list[str]:
        """Return what runs the container, in the bundle's directory.

        Args:
            name: the container's.
        """
        machine = self._machine
        runtime = [*machine.command, "--root", _STATE, "--log", _LOG, "--log-format", "json", "run", name]
        if not machine.marks:
            return [*machine.namespaces, *runtime]
        lower = ":".join(str(number) for number in range(max(1, len(self._layers))))
        options = f"{machine.overlay_options}lowerdir={lower},upperdir={_UPPER},workdir={_WORK}"
        return [*machine.namespaces, "sh", "-c", _MOUNT, options, *runtime]

    def refusal(self) -> str | None:
        """Return why the container did not start; None where it did."""
        mount = _read(self.directory / _MOUNT_LOG).strip()
        if mount:
            return mount
        for line in _read(self.directory / _LOG).splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if said.get("level") in ("error", "fatal"):
                return str(said.get("msg"))
        return None


def this_host() -> str:
    """Return what this machine calls itself."""
    return socket.gethostname() or "localhost"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
