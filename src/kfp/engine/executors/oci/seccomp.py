"""System calls that no step's container needs and that reach deep into the machine: refused, as docker refuses them.

Docker lists what it allows; this lists what it does not, and so stays right as systems get new calls. What a
container's capabilities permit is not refused (OCI runtime-spec, config-linux.md, "Seccomp").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_ALWAYS = (
    "_sysctl", "add_key", "create_module", "get_kernel_syms", "kexec_file_load", "kexec_load", "keyctl", "nfsservctl",
    "pivot_root", "query_module", "request_key", "swapoff", "swapon", "sysfs", "uselib", "userfaultfd", "ustat", "vm86",
    "vm86old",
)  # fmt: skip
_WITHOUT = {
    "SYS_ADMIN": (
        "bpf", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr",
        "move_mount", "open_tree", "perf_event_open", "quotactl", "quotactl_fd", "setdomainname", "sethostname",
        "setns", "umount", "umount2", "unshare",
    ),
    "SYS_BOOT": ("reboot",),
    "SYS_MODULE": ("delete_module", "finit_module", "init_module"),
    "SYS_PACCT": ("acct",),
    "SYS_PTRACE": ("kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev"),
    "SYS_RAWIO": ("ioperm", "iopl"),
    "SYS_TIME": ("clock_settime", "clock_settime64", "settimeofday", "stime"),
    "SYSLOG": ("syslog",),
    "DAC_READ_SEARCH": ("open_by_handle_at",),
}  # fmt: skip
_NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
_NOT_PERMITTED, _NOT_THERE = 1, 38  # EPERM, ENOSYS


def seccomp(capabilities: Iterable[str]) -> dict[str, Any]:
    """Return `linux.seccomp` for a container.

    Args:
        capabilities: what it has, without `CAP_`.
    """
    has = frozenset(capabilities)
    names = [*_ALWAYS, *(name for needed, group in _WITHOUT.items() if needed not in has for name in group)]
    rules = [_refuse(sorted(names), _NOT_PERMITTED)]
    if "SYS_ADMIN" not in has:
        rules += [{**_refuse(["clone"], _NOT_PERMITTED), "args": [_has_flag(flag)]} for flag in _NEW_NAMESPACES]
        # Its flags lie in memory, where no rule sees them; programs then use clone.
        rules.append(_refuse(["clone3"], _NOT_THERE))
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}


def _refuse(names: list[str], error: int) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": error}


def _has_flag(flag: int) -> dict[str, Any]:
    return {"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
