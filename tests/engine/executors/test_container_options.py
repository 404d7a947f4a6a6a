"""Options of containers by their names in docker-py, and the command line of a step's container."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kfp.engine.executors.options import OURS, SO_ANYHOW, run_options
from kfp.engine.executors.run_command import limit_options, run_command
from kfp.engine.layout import StepPaths
from kfp.engine.planning.limits import Limits
from kfp.engine.scheduling.resources import Request
from kfp.engine.step import Hidden, Mount, Step
from kfp.errors import RunError
from kfp.images.engine import ContainerEngine

# What `docker.containers.run` takes (docker-py 7.1), all of which KFP's own DockerRunner takes but for the image, the
# command and volumes.
DOCKER_PY = """
auto_remove blkio_weight blkio_weight_device cap_add cap_drop cgroup_parent cgroupns command cpu_count cpu_percent
cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpuset_cpus cpuset_mems detach device_cgroup_rules
device_read_bps device_read_iops device_requests device_write_bps device_write_iops devices dns dns_opt dns_search
domainname entrypoint environment extra_hosts group_add healthcheck hostname image init init_path ipc_mode isolation
kernel_memory labels links log_config lxc_conf mac_address mem_limit mem_reservation mem_swappiness memswap_limit mounts
name nano_cpus network network_disabled network_mode networking_config oom_kill_disable oom_score_adj pid_mode
pids_limit platform ports privileged publish_all_ports read_only remove restart_policy runtime security_opt shm_size
stderr stdin_open stdout stop_signal storage_opt stream sysctls tmpfs tty ulimits use_config_proxy user userns_mode
uts_mode version volume_driver volumes volumes_from working_dir
"""


@pytest.mark.parametrize("name", DOCKER_PY.split())
def test_every_option_of_docker_py_is_known(name: str) -> None:
    if name in OURS:
        with pytest.raises(RunError, match=f"{name!r} is not yours to set: ."):
            run_options({name: None})
    else:
        assert run_options({name: None}) == []
        assert name in SO_ANYHOW or OURS.keys().isdisjoint({name})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"network_mode": "host"}, ["--network", "host"]),
        ({"environment": {"A": "b c"}}, ["--env", "A=b c"]),
        ({"environment": ["A=b"]}, ["--env", "A=b"]),
        ({"volumes": {"/a": {"bind": "/b", "mode": "ro"}}}, ["--volume", "/a:/b:ro"]),
        ({"volumes": ["/a:/b"]}, ["--volume", "/a:/b"]),
        ({"privileged": True, "read_only": False}, ["--privileged"]),
        ({"user": 1000, "mem_limit": "1g"}, ["--user", "1000", "--memory", "1g"]),
        ({"cap_add": ["A", "B"]}, ["--cap-add", "A", "--cap-add", "B"]),
        ({"nano_cpus": 1_500_000_000}, ["--cpus", "1.5"]),
        ({"ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}]}, ["--ulimit", "nofile=1:2"]),
        ({"device_requests": [{"Count": -1, "Capabilities": [["gpu"]]}]}, ["--gpus", "all"]),
        ({"device_requests": [{"device_ids": ["0", "2"]}]}, ["--gpus", "device=0,2"]),
        ({"tmpfs": {"/run": "size=1m", "/x": ""}}, ["--tmpfs", "/run:size=1m", "--tmpfs", "/x"]),
        ({"labels": {"a": "b"}, "extra_hosts": {"h": "1.2.3.4"}}, ["--label", "a=b", "--add-host", "h:1.2.3.4"]),
        ({"network_disabled": True}, ["--network", "none"]),
        ({"hostname": None}, []),
        ({"working_dir": "/w", "entrypoint": ["tini", "--"]}, ["--workdir", "/w"]),
        ({"auto_remove": True, "detach": True, "remove": False, "stdout": True}, []),
        ({"links": {"a": "b"}, "blkio_weight": 10}, ["--link", "a:b", "--blkio-weight", "10"]),
        ({"volumes_from": ["data"]}, ["--volumes-from", "data"]),
        (
            {"mounts": [{"Type": "bind", "Source": "/a", "Target": "/b", "ReadOnly": True}, {"target": "/c"}]},
            ["--mount", "type=bind,source=/a,target=/b,readonly", "--mount", "type=volume,target=/c"],
        ),
        (
            {
                "mounts": [
                    {"Type": "tmpfs", "Target": "/b", "TmpfsOptions": {"SizeBytes": 9}},
                    "type=bind,src=/a,dst=/b",
                ]
            },
            ["--mount", "type=tmpfs,target=/b,tmpfs-size=9", "--mount", "type=bind,src=/a,dst=/b"],
        ),
        (
            {"ports": {"80/tcp": 8080, "81": None, "82": ("127.0.0.1", 83), "84": [1, 2]}},
            [
                "--publish",
                "8080:80/tcp",
                "--publish",
                "81",
                "--publish",
                "127.0.0.1:83:82",
                "--publish",
                "1:84",
                "--publish",
                "2:84",
            ],
        ),
        (
            {"log_config": {"Type": "json-file", "Config": {"max-size": "1m"}}},
            ["--log-driver", "json-file", "--log-opt", "max-size=1m"],
        ),
        (
            {"healthcheck": {"test": ["CMD", "true", "a b"], "interval": 10, "retries": 3}},
            ["--health-cmd", "true 'a b'", "--health-interval", "10ns", "--health-retries", "3"],
        ),
        ({"healthcheck": {"test": ["NONE"]}}, ["--no-healthcheck"]),
        ({"device_read_bps": [{"Path": "/dev/sda", "Rate": 5}]}, ["--device-read-bps", "/dev/sda:5"]),
        ({"blkio_weight_device": [{"Path": "/dev/sda", "Weight": 5}]}, ["--blkio-weight-device", "/dev/sda:5"]),
    ],
)
def test_options_by_their_names_in_docker_py(options: dict[str, Any], words: list[str]) -> None:
    assert run_options(options) == words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "unknown container option 'colour'"),
        ({"command": "x"}, "'command' is not yours to set"),
        ({"name": "x"}, "'name' is not yours to set: several steps cannot share one"),
        ({"restart_policy": {"Name": "always"}}, "set_retry"),
        ({"mounts": [{"Source": "/a"}]}, "a mount takes a mapping"),
        ({"mounts": [{"Target": "/a", "Colour": "red"}]}, "a mount knows no colour"),
        ({"mounts": [{"Target": "/a", "BindOptions": {"Colour": 1}}]}, "bindoptions knows no colour"),
        ({"mounts": "x"}, "takes a list"),
        ({"healthcheck": {"colour": 1}}, "a health check knows no 'colour'"),
        ({"device_read_bps": [{"Path": "/dev/sda"}]}, "takes mappings such as"),
        ({"ports": [1]}, "takes a mapping"),
        ({"cap_add": "ALL"}, "'cap_add' takes a list"),
        ({"environment": 3}, "'environment' takes a mapping"),
        ({"volumes": {"/a": "/b"}}, "the volume '/a' takes a mapping"),
        ({"ulimits": ["nofile=1"]}, "is a mapping"),
        ({"ulimits": [{"Soft": 1}]}, "a ulimit takes a mapping"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError, match=message):
        run_options(options)


def step(tmp_path: Path, **changes: Any) -> Step:
    paths = StepPaths(tmp_path / "step", tmp_path / "artifacts")
    paths.make("{}")
    given = {"command": ("sh", "-c"), "args": ("true",), "environment": {"A": "b"}, "python": None, **changes}
    return Step(run_id="r", task="t", attempt=1, image="i", executor_input="{}", paths=paths, **given)


def words(tmp_path: Path, options: dict[str, Any], engine: str = "docker", **changes: Any) -> list[str]:
    has = Request(2000, 10**10, 1)
    made = run_command(ContainerEngine(engine), step(tmp_path, **changes), options, name="n", image="img", has=has)
    return list(made.words)


def test_the_command_of_a_step(tmp_path: Path) -> None:
    said = words(tmp_path, {"user": "ada"}, mounts=(Mount(tmp_path / "a,b", "/c", read_only=True),))
    assert said[:7] == ["docker", "run", "--rm", "--name", "n", "--label", "skiff.run=r"]
    assert f"type=bind,source={tmp_path / 'step'},target={tmp_path / 'step'}" in said
    assert f'type=bind,"source={tmp_path / "a,b"}",target=/c,readonly' in said
    assert said[-5:] == ["--entrypoint", "sh", "img", "-c", "true"]
    assert said[said.index("--user") + 1] == "ada"
    assert "A=b" in said
    assert words(tmp_path, {}, command=())[-2:] == ["img", "true"], "the image's own entrypoint"
    assert (
        words(tmp_path, {"entrypoint": "tini --"})[-6:]
        == ["--entrypoint", "tini", "img", "--", "sh", "-c", "true"][-6:]
    )


def test_secrets_stand_in_the_client_s_environment_or_in_a_file(tmp_path: Path) -> None:
    secrets = Hidden({"TOKEN": "s3cret\nlines", "PATH": "/s3cret", "DOCKER_HOST": "s3cret", "A": "over"})
    made = run_command(ContainerEngine("docker"), step(tmp_path, secrets=secrets), {}, name="n", image="img")
    assert "s3cret" not in " ".join(made.words)
    assert "A=b" not in made.words
    assert made.environment["TOKEN"] == "s3cret\nlines"
    assert made.environment["PATH"] != "/s3cret"
    assert made.file == "PATH=/s3cret\nDOCKER_HOST=s3cret\n"
    path = made.write(tmp_path / "step")
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RunError, match="'PATH' has several lines"):
        run_command(
            ContainerEngine("docker"), step(tmp_path, secrets=Hidden({"PATH": "a\nb"})), {}, name="n", image="img"
        )


@pytest.mark.parametrize(
    ("limits", "docker", "podman"),
    [
        (Limits(), [], []),
        (Limits(cpu=0.5), ["--cpus", "0.5"], ["--cpus", "0.5"]),
        (Limits(cpu=64), ["--cpus", "2"], ["--cpus", "2"]),
        (Limits(memory=1), ["--memory", "6291456"], ["--memory", "6291456"]),
        (
            Limits(memory=10**8, memory_request=10**9, cpu_request=0.5),
            ["--memory", "100000000", "--cpu-shares", "512", "--memory-reservation", "100000000"],
            ["--memory", "100000000", "--cpu-shares", "512", "--memory-reservation", "100000000"],
        ),
        (Limits(accelerators=4), ["--gpus", "1"], ["--device", "nvidia.com/gpu=0"]),
    ],
)
def test_limits(limits: Limits, docker: list[str], podman: list[str]) -> None:
    has = Request(2000, 10**10, 1)
    assert limit_options(limits, has, podman=False) == docker
    assert limit_options(limits, has, podman=True) == podman
    assert limit_options(Limits(accelerators=4), Request(2000, 1, 0), podman=False) == []
