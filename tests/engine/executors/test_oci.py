"""Containers without a daemon, in parts: users, options, configuration; and the machine's refusals."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.executors.oci.machine import find_machine
from kfp.engine.executors.oci.options import Options, oci_options
from kfp.engine.executors.oci.spec import Command, Rights, config, variables
from kfp.engine.executors.oci.users import User, find_groups, find_user
from kfp.engine.planning.limits import Limits
from kfp.engine.step import Mount
from kfp.errors import EngineUnavailable, RunError
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry

ADMIN = User()
PASSWD = "root:x:0:0:root:/root:/bin/sh\n# no:x:7:7::/:\nada:x:1000:1001:Ada:/home/ada:\nodd\nbob:x:1002:1002:::\n"
GROUP = "root:x:0:\nada:x:1001:\nwheel:x:10:root,ada\naudio:x:63:ada\n"


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("", User(0, 0, (), "/root")),
        ("root", User(0, 0, (10,), "/root")),
        ("ada", User(1000, 1001, (10, 63), "/home/ada")),
        ("1000", User(1000, 1001, (10, 63), "/home/ada")),
        ("ada:audio", User(1000, 63, (), "/home/ada")),
        ("ada:5", User(1000, 5, (), "/home/ada")),
        ("4711", User(4711, 0, (), "/")),
        ("4711:4712", User(4711, 4712, (), "/")),
        ("bob", User(1002, 1002, (), "/")),
    ],
)
def test_users(text: str, user: User) -> None:
    found = find_user(text, PASSWD, GROUP)
    assert found == (User(0, 0, (10,), "/root") if text == "" else user)


def test_users_that_the_image_lacks() -> None:
    for text, words in (
        ("eve", "no user 'eve'"),
        ("ada:eve", "no group 'eve'"),
        (str(2**31), "no number"),
        ("no", "no user"),
    ):
        with pytest.raises(RunError, match=words):
            find_user(text, PASSWD, GROUP)
    assert find_user("0", "", "") == User()
    assert find_groups(["wheel", "7"], GROUP) == (10, 7)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, {}),
        ({"environment": {"A": "b c"}}, {"environment": {"A": "b c"}}),
        ({"environment": ["A=b=c"]}, {"environment": {"A": "b=c"}}),
        ({"volumes": {"/a": {"bind": "/b", "mode": "ro"}}}, {"mounts": (Mount(Path("/a"), "/b", read_only=True),)}),
        ({"volumes": ["/a:/b:ro"]}, {"mounts": (Mount(Path("/a"), "/b", read_only=True),)}),
        ({"user": 1000, "hostname": None}, {"user": "1000"}),
        ({"network_mode": "none"}, {"network": "none"}),
        ({"network_disabled": True}, {"network": "none"}),
        ({"extra_hosts": {"h": "1.2.3.4"}}, {"hosts": {"h": "1.2.3.4"}}),
        ({"cap_add": ["SYS_PTRACE"], "privileged": True}, {"cap_add": ("SYS_PTRACE",), "privileged": True}),
        ({"shm_size": "1g"}, {"shm_size": 1024**3}),
        ({"tmpfs": {"/run": "size=1m"}}, {"tmpfs": {"/run": "size=1m"}}),
        ({"ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}]}, {"ulimits": {"nofile": (1, 2)}}),
    ],
)  # fmt: skip
def test_options_by_their_names_in_docker_py(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert oci_options(given) == Options(**wanted)


@pytest.mark.parametrize(
    ("given", "limits", "wanted"),
    [
        ({}, Limits(), {}),
        ({"mem_limit": "1m", "pids_limit": 50}, Limits(), {"memory": {"limit": 1024**2}, "pids": {"limit": 50}}),
        ({"nano_cpus": 1_500_000_000}, Limits(), {"cpu": {"quota": 150_000, "period": 100_000}}),
        ({"cpu_quota": 50_000}, Limits(cpu=2), {"cpu": {"quota": 50_000, "period": 100_000}}),
        (
            {}, Limits(cpu=0.5, memory=10**8, cpu_request=0.25, memory_request=10**7),
            {
                "cpu": {"quota": 50_000, "period": 100_000, "shares": 256},
                "memory": {"limit": 10**8, "reservation": 10**7},
            },
        ),
        ({"mem_limit": 10**9}, Limits(memory=10**8), {"memory": {"limit": 10**9}}),
    ],
)  # fmt: skip
def test_resources(given: dict[str, Any], limits: Limits, wanted: dict[str, Any]) -> None:
    assert oci_options(given).resources.over(limits).to_json() == wanted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "runc has no option 'colour'"),
        ({"runtime": "runsc"}, "runc has no option 'runtime'"),
        ({"command": "x"}, "'command' is not yours to set"),
        ({"network_mode": "bridge"}, "no network 'bridge'"),
        ({"environment": 3}, "'environment' takes a mapping"),
        ({"cap_add": "ALL"}, "'cap_add' takes a list"),
        ({"volumes": {"/a": "/b"}}, "the volume '/a' takes a mapping"),
        ({"volumes": ["data:/b"]}, "'data' is no absolute path"),
        ({"volumes": ["/a:b"]}, "which is no absolute path"),
        ({"volumes": ["/a"]}, "a volume is"),
        ({"mem_limit": "lots"}, "takes bytes"),
        ({"pids_limit": "many"}, "takes a whole number"),
        ({"ulimits": ["nofile=1"]}, "a list of mappings"),
        ({"ulimits": [{"Soft": 1}]}, "a ulimit takes a mapping"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError, match=message):
        oci_options(options)


def made(given: dict[str, Any], user: User = ADMIN, **rights: Any) -> dict[str, Any]:
    options = oci_options(given)
    command = Command(("true",), variables({"A": "1"}, {"A": "2"}, home=user.home, hostname="h"), "", user)
    able = Rights(**{"rootless": False, "cgroups": True, **rights})
    return config(command, [Mount(Path("/a"), "/b", read_only=True)], options, {}, able, hostname="h", cgroup="c")


def test_rights_are_docker_s() -> None:
    process = made({})["process"]
    assert process["capabilities"]["effective"] == process["capabilities"]["bounding"]
    assert "CAP_SYS_ADMIN" not in process["capabilities"]["bounding"]
    assert len(process["capabilities"]["bounding"]) == 14
    assert made({}, User(1000))["process"]["capabilities"].keys() == {"bounding"}
    dropped = made({"cap_drop": ["ALL"], "cap_add": ["CAP_CHOWN"]})["process"]["capabilities"]["bounding"]
    assert dropped == ["CAP_CHOWN"]
    everything = made({"privileged": True})
    assert "CAP_SYS_ADMIN" in everything["process"]["capabilities"]["bounding"]
    assert everything["linux"]["maskedPaths"] == []
    assert made({}, capabilities=1)["process"]["capabilities"]["bounding"] == ["CAP_CHOWN"], "none that we lack"
    assert "/proc/kcore" in made({})["linux"]["maskedPaths"]


def test_calls_that_reach_into_the_machine_are_refused() -> None:
    def refused(given: dict[str, Any]) -> set[str]:
        rules = made(given, seccomp=True)["linux"].get("seccomp", {"syscalls": []})["syscalls"]
        return {name for rule in rules for name in rule["names"]}

    assert {"keyctl", "unshare", "clone", "clone3", "reboot"} <= refused({})
    assert "unshare" not in refused({"cap_add": ["SYS_ADMIN"]})
    assert "keyctl" in refused({"cap_add": ["SYS_ADMIN"]})
    assert refused({"privileged": True}) == set()
    assert "seccomp" not in made({})["linux"]


def test_namespaces_and_environment() -> None:
    def kinds(document: dict[str, Any]) -> set[str]:
        return {each["type"] for each in document["linux"]["namespaces"]}

    assert kinds(made({})) == {"pid", "ipc", "uts", "mount"}
    assert kinds(made({"network_mode": "none"})) == {"pid", "ipc", "uts", "mount", "network"}
    assert kinds(made({}, cgroup_namespaces=True)) == {"pid", "ipc", "uts", "mount", "cgroup"}
    assert "A=2" in made({})["process"]["env"]
    assert "A=1" not in made({})["process"]["env"]
    rootless = made({}, rootless=True, cgroups=False)
    assert "resources" not in rootless["linux"]
    assert {each["destination"]: each for each in rootless["mounts"]}["/sys"]["options"][0] == "rbind"


def test_a_runtime_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_OCI_RUNTIME", "no-such-runtime")
    with pytest.raises(EngineUnavailable, match=r"'no-such-runtime' .* is not installed") as caught:
        find_machine(tmp_path)
    assert "docker or podman" in str(caught.value)


def test_a_machine_without_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("runc", "runc")
    refusing = tmp_path / "bin" / "unshare"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2; exit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing.parent}:{os.environ['PATH']}")
    with pytest.raises(
        EngineUnavailable, match=r"make the namespaces of a container: .*Operation not permitted"
    ) as caught:
        find_machine(tmp_path)
    assert "kernel.unprivileged_userns_clone" in str(caught.value)


@pytest.mark.engine
def test_without_overlayfs_a_step_runs_on_a_copy(
    base_image: str, kfp_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kfp.engine.running.choice import choose_executor
    from tests.engine.executors.test_container_steps import play
    from tests.parts.runtimes import Runtime

    require("runc", "runc")
    real = shutil.which("mount") or "mount"
    refusing = tmp_path / "bin" / "mount"
    refusing.parent.mkdir()
    refusing.write_text(f'#!/bin/sh\n[ "$2" != overlay ] || exit 32\nexec {real} "$@"\n')
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing.parent}:{os.environ['PATH']}")
    executor = choose_executor(Runtime("runc", "runc").settings(kfp_home))
    script = "echo changed > /etc/changed; cat /etc/changed; grep ' / ' /proc/self/mounts"
    end, told = play(executor, tmp_path, base_image, script)
    executor.close()
    assert end.error is None
    assert told.lines[0] == "changed"
    assert "overlay" not in told.lines[1]
    assert list((kfp_home / "cache" / "layers").rglob("etc/changed")) == []
    assert list((kfp_home / "cache" / "containers").iterdir()) == []


@pytest.mark.engine
def test_a_command_of_its_own_runs_where_there_is_no_engine(
    base_image: str, kfp_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process runner, for what is no Python component."""
    from kfp.engine.run import run
    from kfp.engine.settings import RunSettings
    from tests.engine.documents import Pipeline

    runtime = require("runc", "runc")
    only = tmp_path / "bin"
    only.mkdir()
    for name in ("sh", "mount", "unshare", "mkdir", "grep"):
        (only / name).symlink_to(shutil.which(name) or name)
    (only / "runc").symlink_to(runtime)
    monkeypatch.setenv("PATH", str(only))
    monkeypatch.delenv("KFP_CONTAINER_ENGINE", raising=False)
    script = "printf said > {{$.outputs.parameters['o'].output_file}}"
    pipeline = Pipeline()
    pipeline.container("say", {"image": base_image, "command": ["sh", "-c", script]}, outputs={"o": str})
    pipeline.task("say")
    pipeline.output("o", str, "say.o")
    result = run(pipeline.document(), {}, settings=RunSettings(home=kfp_home, pipeline_root=tmp_path / "root"))
    assert result.error is None
    assert result.outputs == {"o": "said"}


CALLS = """
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    return libc.syscall(*arguments), ctypes.get_errno()
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
if os.uname().machine == "x86_64":
    print(call(272, 0x10000000), call(250, 0, -3, 0), call(56, 0x10000000 | 17, 0, 0, 0, 0), call(435, 0, 0))
else:
    print(call(97, 0x10000000), call(219, 0, -3, 0), call(220, 0x10000000 | 17, 0, 0, 0, 0), call(435, 0, 0))
"""


@pytest.mark.engine
def test_a_container_cannot_make_namespaces_of_its_own(base_image: str, kfp_home: Path, tmp_path: Path) -> None:
    from kfp.engine.running.choice import choose_executor
    from tests.engine.executors.test_container_steps import play
    from tests.parts.runtimes import Runtime

    require("runc", "runc")
    executor = choose_executor(Runtime("runc", "runc").settings(kfp_home))
    (tmp_path / "step").mkdir()
    (tmp_path / "step" / "calls.py").write_text(CALLS)
    end, told = play(executor, tmp_path, base_image, f"python3 {tmp_path}/step/calls.py")
    executor.close()
    assert end.error is None
    assert told.lines == ["thread", "(-1, 1) (-1, 1) (-1, 1) (-1, 38)"]


@pytest.mark.engine
def test_an_image_that_only_a_registry_has_is_pulled(
    base_image: str, kfp_home: Path, tmp_path: Path, registry: RunningRegistry
) -> None:
    from kfp.engine.running.choice import choose_executor
    from kfp.images.distribution.push import push
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from tests.engine.executors.test_container_steps import play
    from tests.parts.runtimes import Runtime

    require("runc", "runc")
    image = Store(kfp_home / "images").get(Reference.parse(base_image))
    assert image is not None
    elsewhere = f"{registry.host}/pulled/base:v1"
    push(image, Reference.parse(elsewhere))
    shutil.rmtree(kfp_home / "images")
    for command in ("echo first", "echo second"):
        executor = choose_executor(Runtime("runc", "runc").settings(kfp_home))
        end, told = play(executor, tmp_path, elsewhere, command)
        executor.close()
        assert end.error is None
        assert told.lines == [command.split()[1]]
    assert len(list((kfp_home / "cache" / "layers").glob("*/[0-9a-f]*"))) == len(image.layers)
