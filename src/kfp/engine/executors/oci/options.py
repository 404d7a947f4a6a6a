"""Options for containers by their names in docker-py's `containers.run`, as far as they mean something to runc."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.executors.options import SO_ANYHOW, entrypoint, refuse_ours
from kfp.engine.planning.limits import Limits
from kfp.engine.step import Mount
from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.ir.spec import Json

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([bkmgt]?)(?:i?b)?")
_POWERS: dict[str, int] = {letter: 1024**power for power, letter in enumerate("bkmgt")} | {"": 1}
_SHM = 64 * 1024**2
_PERIOD = 100_000


class Resources(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a cgroup limits; None where nothing is said. Memory is in bytes, quota and period in microseconds."""

    memory: int | None = None
    memory_reservation: int | None = None
    cpu_quota: int | None = None
    cpu_period: int | None = None
    cpu_shares: int | None = None
    cpus: str | None = None
    pids: int | None = None

    def over(self, limits: Limits) -> Resources:
        """Return these, and what a step says where these say nothing."""
        changes: dict[str, int] = {}
        if limits.memory and self.memory is None:
            changes["memory"] = limits.memory
        if limits.memory_request and self.memory_reservation is None:
            changes["memory_reservation"] = limits.memory_request
        if limits.cpu and self.cpu_quota is None:
            changes["cpu_quota"], changes["cpu_period"] = max(1000, round(limits.cpu * _PERIOD)), _PERIOD
        if limits.cpu_request and self.cpu_shares is None:
            changes["cpu_shares"] = max(2, round(limits.cpu_request * 1024))
        return msgspec.structs.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return `linux.resources` of runtime-spec, without the devices."""
        memory = _stated(limit=self.memory, reservation=self.memory_reservation)
        cpu = _stated(quota=self.cpu_quota, period=self.cpu_period, shares=self.cpu_shares, cpus=self.cpus)
        pids = _stated(limit=self.pids)
        return {name: value for name, value in (("memory", memory), ("cpu", cpu), ("pids", pids)) if value}


class Options(msgspec.Struct, frozen=True):
    """What a run says of all its containers.

    Args:
        environment: variables; the image's and the step's own come before and after.
        mounts: of this machine.
        entrypoint: what runs the step's command, with its first arguments.
        directory: where the command starts, in place of the image's.
        user: in place of the image's.
        groups: more groups of the user.
        network: `host` or `none`.
        hostname: None is this machine's.
        hosts: more lines of /etc/hosts: addresses by name.
        cap_add: capabilities besides docker's own; `ALL` is every one.
        cap_drop: capabilities taken from them.
        privileged: give the container every right of its root.
        read_only: its root file system cannot be written to.
        tmpfs: options of file systems in memory, by path.
        shm_size: bytes of /dev/shm.
        ulimits: soft and hard limit by name.
        sysctls: kernel settings of the container's namespaces.
        annotations: labels.
        oom_score_adj: how readily the system ends it for want of memory.
        resources: what it may use.
    """

    environment: Mapping[str, str] = {}
    mounts: tuple[Mount, ...] = ()
    entrypoint: tuple[str, ...] = ()
    directory: str | None = None
    user: str | None = None
    groups: tuple[str, ...] = ()
    network: str = "host"
    hostname: str | None = None
    hosts: Mapping[str, str] = {}
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    privileged: bool = False
    read_only: bool = False
    tmpfs: Mapping[str, str] = {}
    shm_size: int = _SHM
    ulimits: Mapping[str, tuple[int, int]] = {}
    sysctls: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    oom_score_adj: int | None = None
    resources: Resources = Resources()


def oci_options(options: Mapping[str, Json]) -> Options:
    """Return what docker-py's options mean.

    Args:
        options: values by name; None is an option left out.

    Raises:
        RunError: runc has no such option, it is the step's own affair, or has a value of the wrong form.
    """
    fields: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for name, value in options.items():
        refuse_ours(name)
        if name in SO_ANYHOW:
            continue
        if name not in _FIELDS and name not in _RESOURCES:
            near = ", ".join(difflib.get_close_matches(name, [*_FIELDS, *_RESOURCES], n=3))
            near = near or ", ".join(sorted([*_FIELDS, *_RESOURCES]))
            raise RunError(
                f"the runner runc has no option {name!r}", hint=f"there is {near}; docker and podman have more of them"
            )
        if value is None:
            continue
        field, read = _FIELDS.get(name) or _RESOURCES[name]
        (fields if name in _FIELDS else resources)[field] = read(name, value)
    if "cpu_quota" in resources:
        resources.setdefault("cpu_period", _PERIOD)
    return Options(**fields, resources=Resources(**resources))


def _text(_: str, value: Json) -> str:
    return str(value)


def _flag(_: str, value: Json) -> bool:
    return bool(value)


def _whole(name: str, value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RunError(f"the container option {name!r} takes a whole number, not {value!r}")
    return value


def _bytes(name: str, value: Json) -> int:
    match = _SIZE.fullmatch(str(value).strip().lower())
    if match is None or isinstance(value, bool):
        raise RunError(f"the container option {name!r} takes bytes or a text such as '512m', not {value!r}")
    return int(float(match[1]) * _POWERS[match[2]])


def _texts(name: str, value: Json) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise RunError(f"the container option {name!r} takes a list, not {value!r}")
    return tuple(str(each) for each in value)


def _pairs(joint: str = "=") -> Callable[[str, Json], dict[str, str]]:
    def read(name: str, value: Json) -> dict[str, str]:
        if isinstance(value, Mapping):
            return {str(key): str(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return {key: item for key, _, item in (str(each).partition(joint) for each in value)}
        raise RunError(f"the container option {name!r} takes a mapping, not {value!r}")

    return read


def _network(name: str, value: Json) -> str:
    if name == "network_disabled":
        return "none" if value else "host"
    if value not in ("host", "none"):
        raise RunError(
            f"the runner runc has no network {value!r}", hint="there is 'host', this machine's own, and 'none'"
        )
    return str(value)


def _volumes(name: str, value: Json) -> tuple[Mount, ...]:
    if isinstance(value, Mapping):
        return tuple(_volume(str(source), target) for source, target in value.items())
    split = [each.split(":") for each in _texts(name, value)]
    if any(len(parts) not in (2, 3) for parts in split):
        raise RunError("a volume is 'source:target' or 'source:target:ro'")
    return tuple(_mount(parts[0], parts[1], parts[2] if len(parts) == 3 else "rw") for parts in split)  # noqa: PLR2004


def _volume(source: str, target: Json) -> Mount:
    if not isinstance(target, Mapping) or "bind" not in target:
        form = "{'bind': '/data', 'mode': 'ro'}"
        raise RunError(f"the volume {source!r} takes a mapping such as {form}, not {target!r}")
    return _mount(source, str(target["bind"]), str(target.get("mode", "rw")))


def _mount(source: str, target: str, mode: str) -> Mount:
    if not source.startswith("/"):
        raise RunError(f"the volume {source!r} is no absolute path", hint="runc has no volumes of its own")
    if not target.startswith("/"):
        raise RunError(f"the volume {source!r} goes to {target!r}, which is no absolute path")
    return Mount(Path(source), target, read_only="ro" in mode.split(","))


def _ulimits(name: str, value: Json) -> dict[str, tuple[int, int]]:
    made = {}
    for each in value if isinstance(value, (list, tuple)) else [value]:
        if not isinstance(each, Mapping):
            raise RunError(f"the container option {name!r} takes a list of mappings, not {value!r}")
        said = {key.lower(): item for key, item in each.items()}
        if "name" not in said or not isinstance(said.get("soft"), int):
            form = "{'Name': 'nofile', 'Soft': 1024, 'Hard': 1024}"
            raise RunError(f"a ulimit takes a mapping such as {form}, not {each!r}")
        made[str(said["name"])] = (said["soft"], said.get("hard") or said["soft"])
    return made


def _entrypoint(name: str, value: Json) -> tuple[str, ...]:
    return tuple(entrypoint({name: value}))


def _nano_cpus(name: str, value: Json) -> int:
    return max(1000, _whole(name, value) * _PERIOD // 10**9)


def _stated(**values: Json) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value is not None}


_FIELDS: dict[str, tuple[str, Callable[[str, Json], Any]]] = {
    "environment": ("environment", _pairs()),
    "volumes": ("mounts", _volumes),
    "entrypoint": ("entrypoint", _entrypoint),
    "working_dir": ("directory", _text),
    "user": ("user", _text),
    "group_add": ("groups", _texts),
    "network": ("network", _network),
    "network_mode": ("network", _network),
    "network_disabled": ("network", _network),
    "hostname": ("hostname", _text),
    "extra_hosts": ("hosts", _pairs(":")),
    "cap_add": ("cap_add", _texts),
    "cap_drop": ("cap_drop", _texts),
    "privileged": ("privileged", _flag),
    "read_only": ("read_only", _flag),
    "tmpfs": ("tmpfs", _pairs(":")),
    "shm_size": ("shm_size", _bytes),
    "ulimits": ("ulimits", _ulimits),
    "sysctls": ("sysctls", _pairs()),
    "labels": ("annotations", _pairs()),
    "oom_score_adj": ("oom_score_adj", _whole),
}
_RESOURCES: dict[str, tuple[str, Callable[[str, Json], Any]]] = {
    "mem_limit": ("memory", _bytes),
    "mem_reservation": ("memory_reservation", _bytes),
    "nano_cpus": ("cpu_quota", _nano_cpus),
    "cpu_quota": ("cpu_quota", _whole),
    "cpu_period": ("cpu_period", _whole),
    "cpu_shares": ("cpu_shares", _whole),
    "cpuset_cpus": ("cpus", _text),
    "pids_limit": ("pids", _whole),
}
