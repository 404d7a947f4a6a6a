"""What this machine offers for containers without a daemon: a runtime, namespaces, overlay file systems, cgroups."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from kfp.engine.executors.oci import cgroups
from kfp.errors import EngineUnavailable

CHOICE = "KFP_OCI_RUNTIME"
_NAMES = ("runc", "crun")
_SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"
_OTHERWISE = "run steps with docker or podman (DockerRunner, --runner container) or as processes (SubprocessRunner)"
_EVERYBODY = "4294967295"

# Everything that runs in the step's own process namespace ends with the first process in it, and that one ends with
# `unshare`, and every mount with the mount namespace: whatever is killed, nothing is left but files.
_NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
_OWN_USERS = ("--user", "--map-root-user")

# What is said is a word for each thing that works. The runtimes tell in their version what they were built with.
_TRY = """
mkdir lower upper work root && echo namespaces || exit
mount -t overlay overlay -o "$1" root && echo overlay
grep -q ^Seccomp: /proc/self/status && "$0" --version | grep -qi seccomp && echo seccomp
"""
_OVERLAY = "lowerdir=lower,upperdir=upper,workdir=work"


class Machine(msgspec.Struct, frozen=True):
    """How containers are made here.

    Args:
        runtime: the path of runc or crun.
        namespaces: the command that runs another one in the namespaces around a container.
        rootless: whether the container's root is the user who runs it, who can be no other user in it.
        marks: the kind of extended attributes that overlayfs heeds here, `trusted` or `user`; "" without overlayfs.
        cgroups: whether limits can be set.
        seccomp: whether system calls can be refused.
    """

    runtime: str
    namespaces: tuple[str, ...]
    rootless: bool
    marks: str
    cgroups: bool
    seccomp: bool

    @property
    def command(self) -> tuple[str, ...]:
        """The runtime, told how to go about cgroups."""
        if self.cgroups:
            return (self.runtime,)
        # Runc lets go of cgroups that it cannot make, where it is told that it is nobody's root.
        is_crun = "crun" in Path(self.runtime).name
        return (self.runtime, *(("--cgroup-manager", "disabled") if is_crun else ("--rootless", "true")))

    @property
    def overlay_options(self) -> str:
        """What overlayfs is told besides its directories, each followed by a comma."""
        return "userxattr," if self.marks == "user" else ""


def has_runtime() -> bool:
    """Return whether a runtime is installed, whatever it can do."""
    return sys.platform == "linux" and any(_which(name) for name in _chosen())


def find_machine(scratch: Path) -> Machine:
    """Return how containers are made on this machine, after trying it.

    Args:
        scratch: a directory on the file system where containers will write.

    Raises:
        EngineUnavailable: there is no runtime, or the machine does not let this user make namespaces.
        OSError: the directory cannot be written.
    """
    if sys.platform != "linux":
        raise EngineUnavailable("runc runs on Linux only", hint=_OTHERWISE)
    runtime = next((found for name in _chosen() if (found := _which(name))), None)
    if runtime is None:
        told = os.environ.get(CHOICE)
        raise EngineUnavailable(
            f"the runtime {told!r} ({CHOICE}) is not installed" if told else "there is neither runc nor crun here",
            hint=f"install runc or crun, or {_OTHERWISE}",
        )
    for program in ("unshare", "mount"):
        if _which(program) is None:
            raise EngineUnavailable(f"{program} is not installed, which {runtime} needs", hint="install util-linux")
    is_root = os.geteuid() == 0
    reason = ""
    for users in ((), _OWN_USERS) if is_root else (_OWN_USERS,):
        namespaces = (_which("unshare") or "unshare", *users, *_NAMESPACES)
        has_own_users = bool(users) or not _is_first_user_namespace()
        marks = "user" if has_own_users else "trusted"
        said, reason = _try(runtime, namespaces, marks, scratch)
        if "namespaces" in said:
            return Machine(
                runtime,
                namespaces,
                rootless=bool(users),
                marks=marks if "overlay" in said else "",
                cgroups=not users and cgroups.may_write(),
                seccomp="seccomp" in said,
            )
    raise EngineUnavailable(
        f"this machine does not let {'root' if is_root else 'this user'} make the namespaces of a container: {reason}",
        hint="allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces "
        f"above 0, kernel.apparmor_restrict_unprivileged_userns=0), or {_OTHERWISE}",
    )


def _chosen() -> tuple[str, ...]:
    told = os.environ.get(CHOICE)
    return (told,) if told else _NAMES


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_PATH}")


def _try(runtime: str, namespaces: tuple[str, ...], marks: str, scratch: Path) -> tuple[list[str], str]:
    """Return what can be done, and what is said of what cannot."""
    options = ("userxattr," if marks == "user" else "") + _OVERLAY
    with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        tried = subprocess.run(
            [*namespaces, "sh", "-c", _TRY, runtime, options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
    said = tried.stderr.strip().splitlines()
    return tried.stdout.split(), said[-1] if said else f"exit code {tried.returncode}"


def _is_first_user_namespace() -> bool:
    return Path("/proc/self/uid_map").read_text(encoding="ascii").split() == ["0", "0", _EVERYBODY]
