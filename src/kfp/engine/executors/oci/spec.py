"""A container's `config.json` (OCI runtime-spec, config.md and config-linux.md), with docker's own defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.executors.oci.seccomp import seccomp
from kfp.engine.step import Mount

if TYPE_CHECKING:
    from kfp.engine.executors.oci.options import Options
    from kfp.engine.executors.oci.users import User

ROOT = "root"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CAPABILITIES = (
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
)  # fmt: skip
_EVERY_CAPABILITY = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
_MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap",
)  # fmt: skip
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


class Command(msgspec.Struct, frozen=True):
    """What runs in a container.

    Args:
        args: the program and its arguments.
        environment: its variables.
        directory: where it starts.
        user: who runs it.
    """

    args: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str
    user: User


class Rights(msgspec.Struct, frozen=True):
    """What the machine can give.

    Args:
        rootless: whether the container's root is an ordinary user.
        cgroups: whether limits can be set.
        capabilities: what this process may pass on, as a bit mask.
        cgroup_namespaces: whether the machine has the second version of cgroups.
        seccomp: whether system calls can be refused.
    """

    rootless: bool
    cgroups: bool
    capabilities: int = -1
    cgroup_namespaces: bool = False
    seccomp: bool = False


def variables(*layers: Mapping[str, str], home: str, hostname: str) -> dict[str, str]:
    """Return a container's environment: what docker sets, then each layer over those before it."""
    merged = {"PATH": _PATH, "HOSTNAME": hostname, "HOME": home}
    for layer in layers:
        merged.update(layer)
    return merged


def config(
    command: Command,
    mounts: Sequence[Mount],
    options: Options,
    resources: Mapping[str, Any],
    rights: Rights,
    *,
    hostname: str,
    cgroup: str,
) -> dict[str, Any]:
    """Return the configuration of a container.

    Args:
        command: what runs in it.
        mounts: what it sees of this machine, in order.
        options: of the run.
        resources: limits, as `linux.resources`.
        rights: what the machine can give.
        hostname: what it calls itself.
        cgroup: the name of its cgroup.
    """
    linux: dict[str, Any] = {
        "namespaces": [{"type": kind} for kind in _namespaces(options, rights)],
        "maskedPaths": [] if options.privileged else list(_MASKED),
        "readonlyPaths": [] if options.privileged else list(_READ_ONLY),
    }
    if options.sysctls:
        linux["sysctl"] = dict(options.sysctls)
    if rights.seccomp and not options.privileged:
        linux["seccomp"] = seccomp(_capabilities(options))
    if rights.cgroups:
        allowed = [{"allow": options.privileged, "access": "rwm"}]
        linux["cgroupsPath"] = f"/{cgroup}"
        linux["resources"] = {**resources, "devices": allowed}
    return {
        "ociVersion": "1.0.2",
        "process": _process(command, options, rights),
        "root": {"path": ROOT, "readonly": options.read_only},
        "hostname": hostname,
        "mounts": [*_system_mounts(options, rights), *map(_bind, mounts)],
        "annotations": dict(options.annotations),
        "linux": linux,
    }


def _process(command: Command, options: Options, rights: Rights) -> dict[str, Any]:
    user = command.user
    names = [f"CAP_{name}" for name in _capabilities(options) if rights.capabilities >> _number(name) & 1]
    process: dict[str, Any] = {
        "terminal": False,
        "user": {"uid": user.uid, "gid": user.gid, "additionalGids": list(user.groups)},
        "args": list(command.args),
        "env": [f"{key}={value}" for key, value in command.environment.items()],
        "cwd": command.directory or "/",
        # As `execve` does it: who is not root starts without any, and no program may give more than these.
        "capabilities": {"bounding": names, **({} if user.uid else {"effective": names, "permitted": names})},
        "noNewPrivileges": False,
    }
    if rights.rootless:
        del process["user"]["additionalGids"]
    if options.ulimits:
        process["rlimits"] = [
            {"type": f"RLIMIT_{name.upper()}", "soft": soft, "hard": hard}
            for name, (soft, hard) in options.ulimits.items()
        ]
    if options.oom_score_adj is not None:
        process["oomScoreAdj"] = options.oom_score_adj
    return process


def _capabilities(options: Options) -> list[str]:
    added, dropped = (
        [name.upper().removeprefix("CAP_") for name in names] for names in (options.cap_add, options.cap_drop)
    )
    usual = _EVERY_CAPABILITY if options.privileged or "ALL" in added else _CAPABILITIES
    kept = () if "ALL" in dropped and not options.privileged else usual
    wanted = {*kept, *added} - ({*dropped} if not options.privileged else set())
    return [name for name in _EVERY_CAPABILITY if name in wanted]


def _number(capability: str) -> int:
    return _EVERY_CAPABILITY.index(capability)  # the order is the kernel's own


def _namespaces(options: Options, rights: Rights) -> list[str]:
    kinds = ["pid", "ipc", "uts", "mount"]
    if options.network == "none":
        kinds.append("network")
    if rights.cgroups and rights.cgroup_namespaces:
        kinds.append("cgroup")
    return kinds


def _system_mounts(options: Options, rights: Rights) -> list[dict[str, Any]]:
    quiet = ["nosuid", "noexec", "nodev"]
    group = [] if rights.rootless else ["gid=5"]  # an ordinary user has no such group to give
    own_sys = options.network == "none" or not rights.rootless
    sys = (
        {"type": "sysfs", "source": "sysfs", "options": [*quiet, "ro"]}
        if own_sys
        else {"type": "none", "source": "/sys", "options": ["rbind", *quiet, "ro"]}
    )
    shm = ["nosuid", "noexec", "nodev", "mode=1777", f"size={options.shm_size}"]
    made: list[dict[str, Any]] = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": quiet},
        {
            "destination": "/dev",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
        },
        {
            "destination": "/dev/pts",
            "type": "devpts",
            "source": "devpts",
            "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", *group],
        },
        {"destination": "/sys", **sys},
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": quiet},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": shm},  # noqa: S108
    ]
    if rights.cgroups:
        cgroup = {"type": "cgroup", "source": "cgroup", "options": [*quiet, "relatime", "ro"]}
        made.append({"destination": "/sys/fs/cgroup", **cgroup})
    for path, told in options.tmpfs.items():
        extra = [each for each in told.split(",") if each]
        made.append({"destination": path, "type": "tmpfs", "source": "tmpfs", "options": [*quiet, *extra]})
    return made


def _bind(mount: Mount) -> dict[str, Any]:
    mode = ["ro"] if mount.read_only else ["rw"]
    return {
        "destination": mount.target,
        "type": "bind",
        "source": str(mount.source),
        "options": ["rbind", "rprivate", *mode],
    }
