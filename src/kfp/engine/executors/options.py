"""Options for containers by their names in docker-py's `containers.run`, as options of `docker run`."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kfp.engine.executors.structured_options import STRUCTURED
from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.ir.spec import Json

_TEXT = {
    "network": "--network",
    "network_mode": "--network",
    "user": "--user",
    "hostname": "--hostname",
    "domainname": "--domainname",
    "mem_limit": "--memory",
    "mem_reservation": "--memory-reservation",
    "memswap_limit": "--memory-swap",
    "mem_swappiness": "--memory-swappiness",
    "shm_size": "--shm-size",
    "cpu_shares": "--cpu-shares",
    "cpu_period": "--cpu-period",
    "cpu_quota": "--cpu-quota",
    "cpuset_cpus": "--cpuset-cpus",
    "cpuset_mems": "--cpuset-mems",
    "pids_limit": "--pids-limit",
    "ipc_mode": "--ipc",
    "pid_mode": "--pid",
    "uts_mode": "--uts",
    "userns_mode": "--userns",
    "cgroupns": "--cgroupns",
    "cgroup_parent": "--cgroup-parent",
    "runtime": "--runtime",
    "platform": "--platform",
    "mac_address": "--mac-address",
    "oom_score_adj": "--oom-score-adj",
    "stop_signal": "--stop-signal",
    "volume_driver": "--volume-driver",
    "working_dir": "--workdir",
    "blkio_weight": "--blkio-weight",
    "cpu_rt_period": "--cpu-rt-period",
    "cpu_rt_runtime": "--cpu-rt-runtime",
    "kernel_memory": "--kernel-memory",
    "isolation": "--isolation",
    "cpu_count": "--cpu-count",
    "cpu_percent": "--cpu-percent",
}
_FLAG = {
    "privileged": "--privileged",
    "read_only": "--read-only",
    "init": "--init",
    "tty": "--tty",
    "oom_kill_disable": "--oom-kill-disable",
    "publish_all_ports": "--publish-all",
    "stdin_open": "--interactive",
}
_LIST = {
    "cap_add": "--cap-add",
    "cap_drop": "--cap-drop",
    "devices": "--device",
    "dns": "--dns",
    "dns_opt": "--dns-option",
    "dns_search": "--dns-search",
    "group_add": "--group-add",
    "security_opt": "--security-opt",
    "device_cgroup_rules": "--device-cgroup-rule",
    "volumes_from": "--volumes-from",
}
_PAIRS = {
    "environment": ("--env", "="),
    "labels": ("--label", "="),
    "sysctls": ("--sysctl", "="),
    "storage_opt": ("--storage-opt", "="),
    "extra_hosts": ("--add-host", ":"),
    "tmpfs": ("--tmpfs", ":"),
    "links": ("--link", ":"),
}
OURS = {
    "command": "the step decides it",
    "image": "the step decides it",
    "name": "several steps cannot share one; `labels` tell containers apart too",
    "restart_policy": "retries belong to the task: `set_retry`",
    "init_path": "docker has it no more; `init` is there",
    "lxc_conf": "docker has it no more",
    "networking_config": "use `network`",
    "version": "the engine's own client decides it",
}
"""What nobody else can say, by docker-py's name, with the reason."""

SO_ANYHOW = frozenset(["auto_remove", "detach", "remove", "stderr", "stdout", "stream", "use_config_proxy"])
"""What says how docker-py itself behaves: a step's output is always told, and its container always removed."""


def run_options(options: Mapping[str, Json]) -> list[str]:
    """Return the command line options that docker-py's names stand for.

    Args:
        options: values by name, as `docker.containers.run` takes them; None is an option left out.

    Raises:
        RunError: a name is unknown, is the step's own affair, or has a value of the wrong form.
    """
    return [word for name, value in options.items() for word in _option(name, value)]


def refuse_ours(name: str) -> None:
    """Refuse an option that nobody else can say.

    Raises:
        RunError: it is one of those.
    """
    if name in OURS:
        raise RunError(f"the container option {name!r} is not yours to set: {OURS[name]}")


def entrypoint(options: Mapping[str, Json]) -> list[str]:
    """Return the program that is to run the step's command, with its first arguments; none where nothing is said."""
    value = options.get("entrypoint")
    if value is None:
        return []
    return shlex.split(value) if isinstance(value, str) else [str(each) for each in _sequence("entrypoint", value)]


def _option(name: str, value: Json) -> list[str]:
    refuse_ours(name)
    known = {**dict.fromkeys([*_TEXT, *_FLAG, *_LIST, *_PAIRS], _simple), **_SPECIAL, **STRUCTURED}
    known.update(dict.fromkeys([*SO_ANYHOW, "entrypoint"], _nothing))
    if name not in known:
        near = ", ".join(difflib.get_close_matches(name, known, n=3)) or ", ".join(sorted(known))
        raise RunError(f"unknown container option {name!r}", hint=f"there is {near}")
    return [] if value is None or name in SO_ANYHOW else known[name](name, value)


def _simple(name: str, value: Json) -> list[str]:
    if name in _TEXT:
        return [_TEXT[name], str(value)]
    if name in _FLAG:
        return [_FLAG[name]] if value else []
    if name in _LIST:
        return [word for each in _sequence(name, value) for word in (_LIST[name], str(each))]
    flag, joint = _PAIRS[name]
    return [word for each in _pairs(name, value, joint) for word in (flag, each)]


def _nothing(_: str, __: Json) -> list[str]:
    return []


def _nano_cpus(name: str, value: Json) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RunError(f"the container option {name!r} takes billionths of a processor, not {value!r}")
    return ["--cpus", f"{value / 1e9:g}"]


def _network_disabled(_: str, value: Json) -> list[str]:
    return ["--network", "none"] if value else []


def _volumes(name: str, value: Json) -> list[str]:
    made = [] if isinstance(value, Mapping) else [str(each) for each in _sequence(name, value)]
    for source, target in value.items() if isinstance(value, Mapping) else ():
        if not isinstance(target, Mapping) or "bind" not in target:
            form = "{'bind': '/data', 'mode': 'ro'}"
            raise RunError(f"the volume {source!r} takes a mapping such as {form}, not {target!r}")
        made.append(":".join([str(source), str(target["bind"]), str(target.get("mode", "rw"))]))
    return [word for each in made for word in ("--volume", each)]


def _ulimits(name: str, value: Json) -> list[str]:
    return [word for each in _sequence(name, value) for word in ("--ulimit", _ulimit(each))]


def _device_requests(name: str, value: Json) -> list[str]:
    return [word for each in _sequence(name, value) for word in ("--gpus", _gpus(each))]


_SPECIAL = {
    "device_requests": _device_requests,
    "nano_cpus": _nano_cpus,
    "network_disabled": _network_disabled,
    "ulimits": _ulimits,
    "volumes": _volumes,
}


def _sequence(name: str, value: Json) -> list[Json]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise RunError(f"the container option {name!r} takes a list, not {value!r}")
    return list(value)


def _pairs(name: str, value: Json, joint: str) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}{joint}{item}" if item != "" or joint == "=" else str(key) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    raise RunError(f"the container option {name!r} takes a mapping, not {value!r}")


def _ulimit(limit: Json) -> str:
    name, soft, hard = (_member(limit, key) for key in ("Name", "Soft", "Hard"))
    if name is None or soft is None:
        form = "{'Name': 'nofile', 'Soft': 1024, 'Hard': 1024}"
        raise RunError(f"a ulimit takes a mapping such as {form}, not {limit!r}")
    return f"{name}={soft}" if hard is None else f"{name}={soft}:{hard}"


def _gpus(request: Json) -> str:
    ids, count = _member(request, "DeviceIDs"), _member(request, "Count")
    if ids:
        return "device=" + ",".join(str(each) for each in ids)
    return "all" if count in (None, -1) else str(count)


def _member(value: Json, name: str) -> Json:
    """Return a member of docker-py's `Ulimit` or `DeviceRequest`, which are mappings, or of a mapping like them."""
    if not isinstance(value, Mapping):
        raise RunError(f"a ulimit or a device request is a mapping, not {value!r}")
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return value.get(name, value.get(snake))
