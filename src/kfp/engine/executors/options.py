"""Options for containers by their names in docker-py's `containers.run`, as options of `docker run`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kfp.errors import RunError

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
}
_FLAG = {"privileged": "--privileged", "read_only": "--read-only", "init": "--init", "tty": "--tty",
         "oom_kill_disable": "--oom-kill-disable", "publish_all_ports": "--publish-all"}  # fmt: skip
_LIST = {"cap_add": "--cap-add", "cap_drop": "--cap-drop", "devices": "--device", "dns": "--dns", "dns_opt": "--dns-option",
         "dns_search": "--dns-search", "group_add": "--group-add", "security_opt": "--security-opt",
         "device_cgroup_rules": "--device-cgroup-rule"}  # fmt: skip
_PAIRS = {"labels": ("--label", "="), "sysctls": ("--sysctl", "="), "extra_hosts": ("--add-host", ":"),
          "storage_opt": ("--storage-opt", "=")}  # fmt: skip
_OURS = frozenset(
    {
        "image",
        "command",
        "entrypoint",
        "working_dir",
        "name",
        "detach",
        "remove",
        "auto_remove",
        "stdout",
        "stderr",
        "stream",
    }
)
_OTHERS = ("environment", "volumes", "tmpfs", "nano_cpus", "network_disabled", "ulimits", "device_requests")


def run_options(options: Mapping[str, Any]) -> list[str]:
    """Return the command line options that docker-py's names stand for.

    Args:
        options: values by name, as `docker.containers.run` takes them.

    Raises:
        RunError: a name is unknown, is the step's own affair, or has a value of the wrong form.
    """
    return [word for name, value in options.items() if value is not None for word in _option(name, value)]


def check_options(names: Mapping[str, Any]) -> None:
    """Refuse names that `run_options` would refuse.

    Raises:
        RunError: a name is unknown, or is the step's own affair.
    """
    for name in names:
        if name in _OURS:
            raise RunError(f"the container option {name!r} is not yours to set: the step decides it")
        if name not in _known():
            raise RunError(f"unknown container option {name!r}", hint=f"there are {', '.join(sorted(_known()))}")


def _known() -> frozenset[str]:
    return frozenset([*_TEXT, *_FLAG, *_LIST, *_PAIRS, *_OTHERS])


def _option(name: str, value: Any) -> Iterator[str]:
    check_options({name: value})
    if name in _TEXT:
        yield from (_TEXT[name], str(value))
    elif name in _FLAG:
        if value:
            yield _FLAG[name]
    elif name in _LIST:
        for each in _sequence(name, value):
            yield from (_LIST[name], str(each))
    elif name in _PAIRS:
        flag, joint = _PAIRS[name]
        for each in _pairs(name, value, joint):
            yield from (flag, each)
    elif name == "environment":
        for each in _pairs(name, value, "="):
            yield from ("--env", each)
    elif name == "volumes":
        for each in _volumes(value):
            yield from ("--volume", each)
    elif name == "tmpfs":
        for each in _pairs(name, value, ":"):
            yield from ("--tmpfs", each.rstrip(":"))
    elif name == "nano_cpus":
        yield from ("--cpus", f"{int(value) / 1e9:g}")
    elif name == "network_disabled":
        yield from ("--network", "none") if value else ()
    elif name == "ulimits":
        for each in _sequence(name, value):
            yield from ("--ulimit", _ulimit(each))
    else:
        for each in _sequence(name, value):
            yield from ("--gpus", _gpus(each))


def _sequence(name: str, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise RunError(f"the container option {name!r} takes a list, not {value!r}")
    return list(value)


def _pairs(name: str, value: Any, joint: str) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}{joint}{item}" for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    raise RunError(f"the container option {name!r} takes a mapping, not {value!r}")


def _volumes(value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return [str(each) for each in _sequence("volumes", value)]
    made = []
    for source, target in value.items():
        if not isinstance(target, Mapping) or "bind" not in target:
            raise RunError(
                f"the volume {source!r} takes a mapping such as {{'bind': '/data', 'mode': 'ro'}}, not {target!r}"
            )
        made.append(":".join([str(source), str(target["bind"]), str(target.get("mode", "rw"))]))
    return made


def _ulimit(limit: Any) -> str:
    name, soft, hard = (_member(limit, key) for key in ("Name", "Soft", "Hard"))
    if name is None or soft is None:
        form = "{'Name': 'nofile', 'Soft': 1024, 'Hard': 1024}"
        raise RunError(f"a ulimit takes a mapping such as {form}, not {limit!r}")
    return f"{name}={soft}" if hard is None else f"{name}={soft}:{hard}"


def _gpus(request: Any) -> str:
    ids, count = _member(request, "DeviceIDs"), _member(request, "Count")
    if ids:
        return "device=" + ",".join(str(each) for each in ids)
    return "all" if count in (None, -1) else str(count)


def _member(value: Any, name: str) -> Any:
    """Return a member of docker-py's `Ulimit` or `DeviceRequest`, which are mappings, or of a mapping like them."""
    if not isinstance(value, Mapping):
        raise RunError(f"a ulimit or a device request is a mapping, not {value!r}")
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return value.get(name, value.get(snake))
