from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import durable
from kfp.engine.executors import places
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.mounting import CANNOT
from kfp.engine.platforms import volumes
from kfp.engine.platforms.claims import Claims
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import RunError
from tests.engine.documents import Pipeline
from tests.engine.executors.test_process import wait_until
from tests.engine.platforms.running import constant, document, done

Settings = Callable[..., RunSettings]

mounts = pytest.mark.skipif(places._why_not() is not None, reason="this machine lets this user mount nothing")


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path) -> Settings:
    return lambda **changes: RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", grace=0.2, **changes)


def script(body: str, **interface: Any) -> Pipeline:
    """A pipeline with one task, `work`."""
    pipeline = Pipeline(inputs={"name": {"parameterType": "STRING", "defaultValue": "data"}})
    pipeline.python(f"def work() -> str:\n    from pathlib import Path\n    {body}\n", outputs={"Output": str})
    pipeline.task("work")
    pipeline.output("Output", str, "work.Output")
    return pipeline


@mounts
def test_a_claim_outlives_the_run_and_its_place_is_not_on_the_machine(settings: Settings, kfp_home: Path) -> None:
    write = script("Path('/kfp-volume/deep/x').write_text('kept')\n    return str(sorted(Path('/').iterdir())[-1])")
    read = script("return Path('/kfp-else/where/x').read_text()")
    claim = {"pvcNameParameter": constant("data"), "mountPath": "/kfp-volume/deep", "constant": "data"}
    result = done(document(write, {"exec-work": {"pvcMount": [claim]}}), settings())
    assert result.state is State.SUCCEEDED, result.error
    assert (kfp_home / "volumes" / "data" / "x").read_text() == "kept"
    assert not Path("/kfp-volume").exists()
    named = {"pvcNameParameter": {"componentInputParameter": "name"}, "mountPath": "/kfp-else/where/"}
    assert done(document(read, {"exec-work": {"pvcMount": [named]}}), settings()).outputs["Output"] == "kept"


@mounts
def test_a_step_has_ended_well_once_its_claims_are_on_the_disk(
    settings: Settings, kfp_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = script("Path('/kfp-volume/x').write_text('kept')\n    return ''")
    claim = {"pvcNameParameter": constant("data"), "mountPath": "/kfp-volume", "subPath": "a/b"}
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync", lambda path: synced.append(Path(path)))
    result = done(document(made, {"exec-work": {"pvcMount": [claim]}}), settings())
    assert result.state is State.SUCCEEDED, result.error
    root = kfp_home / "volumes"
    assert {root, root / "data", root / "data/a"} <= set(synced)
    assert synced.index(root / "data/a/b/x") < synced.index(root / "data/a/b")

    def full(path: str | Path) -> None:
        if Path(path).name == "x":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "sync", full)
    result = done(document(made, {"exec-work": {"pvcMount": [claim]}}), settings(caching=False))
    assert result.tasks["work"].error == "the step's volumes cannot be kept: [Errno 28] No space left on device"


@mounts
def test_a_claim_that_is_mapped_and_a_path_in_it(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    claim = {"pvcNameParameter": constant("data"), "mountPath": "/kfp-volume", "subPath": "a/b"}
    made = document(script("Path('/kfp-volume/x').touch()\n    return ''"), {"exec-work": {"pvcMount": [claim]}})
    result = done(made, settings(volumes={"data": tmp_path / "mine"}))
    assert result.state is State.SUCCEEDED, result.error
    assert (tmp_path / "mine" / "a" / "b" / "x").exists()
    gone = done(made, settings(volumes={"data": tmp_path / "nowhere"}))
    assert "is mapped to" in str(gone.error)


@pytest.mark.parametrize("sub_path", ["..", "a/../../..", "/../x", "link/x"])
def test_a_path_that_leads_out_of_a_claim(tmp_path: Path, sub_path: str) -> None:
    claims = Claims(tmp_path / "volumes", {})
    (claims.directory("data") / "link").symlink_to(tmp_path)
    with pytest.raises(RunError, match="leads out of the volume claim 'data'"):
        claims.directory("data", sub_path)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["../../escaped", "a/b", "", ".."])
def test_names_of_claims_never_lead_out(tmp_path: Path, name: str) -> None:
    claims = Claims(tmp_path / "volumes", {})
    directory = claims.directory(name)
    assert directory.parent == tmp_path / "volumes"
    assert claims.delete(name)
    assert not directory.exists()


@mounts
def test_an_empty_directory_is_empty_and_gone_after_each_attempt(settings: Settings, tmp_path: Path) -> None:
    body = """assert [each for place in PLACES for each in Path(place).iterdir()] == []
    Path('/kfp-scratch/x').touch()
    Path('/kfp-memory/x').touch()
    mark = Path(MARK)
    first = not mark.exists()
    mark.touch()
    assert not first
    return oct(Path('/kfp-memory').stat().st_mode & 0o777)""".replace("MARK", repr(str(tmp_path / "mark")))
    body = body.replace("PLACES", "('/kfp-scratch', '/kfp-memory', '/kfp-memories/deeper/still', '/dev/shm')")
    pipeline = script(body)
    pipeline.data["root"]["dag"]["tasks"]["work"]["retryPolicy"] = {"maxRetryCount": 1}
    scratch = [
        {"volumeName": "s", "mountPath": "/kfp-scratch"},
        {"volumeName": "m", "mountPath": "/kfp-memory", "medium": "Memory", "sizeLimit": "1Gi"},
        {"volumeName": "d", "mountPath": "/kfp-memories/deeper/still", "medium": "Memory"},
        {"volumeName": "shm", "mountPath": "/dev/shm", "medium": "Memory"},
    ]
    more = [{"volumeName": "e", "mountPath": "/kfp-ephemeral", "size": "5Gi"}]
    made = document(pipeline, {"exec-work": {"emptyDirMounts": scratch, "genericEphemeralVolume": more}})
    result = done(made, settings())
    assert result.state is State.SUCCEEDED, result.error
    assert result.outputs["Output"] == "0o777"
    log = result.tasks["work"].log
    assert log is not None
    assert not {"volumes", "mounts"} & {path.name for path in log.parent.iterdir()}


@mounts
def test_secrets_and_config_maps_as_files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "values").write_text("db: {user: ann, password: geheim}\n")
    body = """told = {path.name: path.read_text() for each in ('s', 'c') for path in Path('/kfp-files', each).iterdir()}
    try:
        Path('/kfp-files/s/user').write_text('eve')
    except OSError:
        return str(sorted(told.items())) + str(list(Path('/kfp-files/none').iterdir()))"""
    kinds = {"s": ("secret", "db", False), "c": ("configMap", "db", False), "none": ("secret", "absent", True)}
    executor: dict[str, Any] = {}
    for place, (kind, name, optional) in kinds.items():
        item = {f"{kind}NameParameter": constant(name), "mountPath": f"/kfp-files/{place}", "optional": optional}
        executor.setdefault(f"{kind}AsVolume", []).append(item)
    made = document(script(body), {"exec-work": executor})
    with tempfile.TemporaryDirectory(dir=volumes._MEMORY) as memory:  # other runs have volumes there meanwhile
        monkeypatch.setattr(volumes, "_MEMORY", Path(memory))
        result = done(made, settings(secrets=tmp_path / "values", config_maps=tmp_path / "values"))
        assert result.outputs.get("Output") == "[('password', 'geheim'), ('user', 'ann')][]", result.error
        assert list(Path(memory).iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from kfp.engine.executors.guard import Guard

with Guard().directory(Path(sys.argv[1])), Guard().directory(Path(sys.argv[2])):
    print("ready", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_engine_leaves_no_secrets(tmp_path: Path) -> None:
    secret, strange = tmp_path / "secret", tmp_path / "st range*"
    for each in (secret, strange):
        (each / "0").mkdir(parents=True)
        (each / "0" / "password").write_text("geheim")
    done_ = subprocess.run([sys.executable, "-c", KILLED, str(secret), str(strange)], check=False, capture_output=True)
    assert done_.returncode == -signal.SIGKILL
    assert wait_until(lambda: not secret.exists())
    assert strange.exists()


@pytest.mark.parametrize("place", ["/usr", "/proc", str(Path(sys.executable).parent), "HOME"])
def test_a_volume_that_would_hide_what_a_step_needs(settings: Settings, kfp_home: Path, place: str) -> None:
    scratch = {"volumeName": "s", "mountPath": place.replace("HOME", str(kfp_home.parent))}
    with pytest.raises(RunError, match=r"task 'work' mounts a volume at .*, which would hide") as caught:
        done(document(script("return ''"), {"exec-work": {"emptyDirMounts": [scratch]}}), settings())
    assert "--runner container" in str(caught.value.hint)


@mounts
def test_a_volume_that_would_hide_an_artifact_of_the_step(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x").write_text("x")
    pipeline = Pipeline()
    pipeline.python("def read(data: Input[Dataset]):\n    open(data.path).read()\n", artifacts_in=("data",))
    importer = {
        "artifactUri": {"constant": str(tmp_path / "data" / "x")},
        "typeSchema": {"schemaTitle": "system.Dataset"},
    }
    pipeline.component("import", {}, {}, artifacts_out=("artifact",), executorLabel="exec-import")
    pipeline.data["deploymentSpec"]["executors"]["exec-import"] = {"importer": importer}
    pipeline.task("import")
    pipeline.task("read", artifacts={"data": "@import.artifact"})
    scratch = {"volumeName": "s", "mountPath": str(tmp_path / "data")}
    result = done(document(pipeline, {"exec-read": {"emptyDirMounts": [scratch]}}), settings())
    assert f"mounts a volume at {tmp_path / 'data'}, which would hide" in str(result.error)


def test_a_machine_that_lets_nobody_mount(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_why_not", lambda: "cannot mount a mount namespace: Operation not permitted")
    scratch = {"volumeName": "s", "mountPath": "/kfp-scratch"}
    with pytest.raises(RunError, match=r"task 'work' mounts a volume, and a process cannot have one .* not permitted"):
        done(document(script("return ''"), {"exec-work": {"emptyDirMounts": [scratch]}}), settings())
    assert not (settings().home / "runs").exists()


def mounting(
    folder: Path, wanted: Mapping[str, str], command: str, user: int | None
) -> subprocess.CompletedProcess[str]:
    """Run a shell command with mounts, read-only ones as `ro:` says, perhaps as another user."""
    staging = folder / "staging"
    staging.mkdir()
    staging.chmod(0o777)
    listed = [[source, target.removeprefix("ro:"), target[:3] == "ro:"] for target, source in wanted.items()]
    plan = json.dumps({"mounts": listed, "staging": str(staging)})
    program = Path(places.__file__).with_name("mounting.py").read_text()
    python = "/usr/bin/python3" if user is not None else sys.executable
    return subprocess.run(
        [python, "-I", "-S", "-c", program, plan, "/bin/sh", "-c", command],
        check=False, capture_output=True, text=True, user=user,
    )  # fmt: skip


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A directory that every user may enter."""
    for each in (tmp_path, *tmp_path.parents):
        if each == Path(tempfile.gettempdir()):
            break
        with contextlib.suppress(PermissionError):
            each.chmod(0o755)
    return tmp_path


NOBODY = 65534
USERS = [None, NOBODY] if os.geteuid() == 0 and Path("/usr/bin/python3").exists() else [None]


@mounts
@pytest.mark.parametrize("user", USERS)
def test_places_of_every_kind(open_folder: Path, user: int | None) -> None:
    source = open_folder / "source"
    source.mkdir()
    (source / "x").write_text("x")
    there = open_folder / "there"
    (there / "old").mkdir(parents=True)
    (there / "link").symlink_to("old")
    (there / "y").write_text("y")
    wanted = {
        str(there): str(source), "ro:/kfp-a/b": str(source), f"ro:{open_folder}/beside/new/y": str(source / "x"),
        "/etc/kfp/token": str(source / "x"), "/kfp-a/c": str(source), "/kfp-a/b/x": str(there / "y"),
    }  # fmt: skip
    seen = [f"{there}/x", "/kfp-a/b/x", "/etc/kfp/token", "/kfp-a/c/x", f"{open_folder}/beside/new/y"]
    command = f"cat {' '.join(seen)}; test -e {there}/old || echo hidden; id -u; pwd; ls /etc/passwd; echo > /kfp-a/b/n"
    ran = mounting(open_folder, wanted, command, user)
    assert ran.stdout.split() == [
        "xyxxxhidden",
        str(os.geteuid() if user is None else user),
        str(Path.cwd()),
        "/etc/passwd",
    ]
    assert "Read-only" in ran.stderr
    assert [path.name for path in source.iterdir()] == ["x"]
    assert (there / "link" / "..").resolve() == there
    assert not Path("/kfp-a").exists()
    assert not Path("/etc/kfp").exists()
    assert not (open_folder / "beside").exists()


@mounts
def test_one_volume_inside_another(open_folder: Path) -> None:
    outer, inner = open_folder / "outer", open_folder / "inner"
    outer.mkdir()
    inner.mkdir()
    (inner / "x").write_text("inner")
    wanted = {"/kfp-a/outer/in/ner": str(inner), "/kfp-a/outer": str(outer)}
    assert mounting(open_folder, wanted, "cat /kfp-a/outer/in/ner/x", None).stdout == "inner"
    assert (outer / "in" / "ner").is_dir()  # as in a pod, the place is made in the volume


@mounts
def test_what_cannot_be_mounted_is_said(open_folder: Path) -> None:
    ran = mounting(open_folder, {"/kfp-a": str(open_folder / "nowhere")}, "echo never", None)
    assert (ran.returncode, ran.stdout) == (CANNOT, "")
    assert ran.stderr == f"cannot mount {open_folder}/nowhere: No such file or directory\n"


def claims_pipeline(name: str, **arguments: Any) -> Pipeline:
    pipeline = Pipeline()
    kinds = {"pvc_name": str, "pvc_name_suffix": str, "access_modes": list, "size": str, "data_source": dict}
    optional = {key: {"parameterType": "STRUCT" if kind is dict else "LIST" if kind is list else "STRING",
                      "isOptional": True} for key, kind in kinds.items()}  # fmt: skip
    pipeline.container("createpvc", {"image": "argostub/createpvc"}, inputs=optional, outputs={"name": str})
    pipeline.container("deletepvc", {"image": "argostub/deletepvc"}, inputs={"pvc_name": str})
    pipeline.task("create", "createpvc", inputs={"access_modes": ["ReadWriteOnce"], "size": "5Gi", **arguments})
    pipeline.output("name", str, "create.name")
    if name == "delete":
        pipeline.task("delete", "deletepvc", inputs={"pvc_name": "@create.name"}, cachingOptions={"enableCache": True})
    return pipeline


@mounts
def test_a_claim_is_made_used_and_deleted(settings: Settings, kfp_home: Path) -> None:
    pipeline = claims_pipeline("delete", pvc_name_suffix="-data")
    for name, body in (
        ("put", "Path('/kfp-v/x').write_text('there')"),
        ("take", "print(Path('/kfp-v/x').read_text())"),
    ):
        pipeline.python(f"def {name}():\n    from pathlib import Path\n    {body}\n")
    pipeline.task("put")
    pipeline.task("take", after=("put",))
    pipeline.data["root"]["dag"]["tasks"]["delete"]["dependentTasks"] = ["take"]
    source = {"taskOutputParameter": {"producerTask": "create", "outputParameterKey": "name"}}
    claim = {"pvcMount": [{**source, "pvcNameParameter": source, "mountPath": "/kfp-v"}]}
    made = document(pipeline, {"exec-put": claim, "exec-take": claim})
    result = done(made, settings())
    assert result.state is State.SUCCEEDED, result.error
    assert result.outputs["name"] == f"{result.run_id}-data"
    log = result.tasks["take"].log
    assert log is not None
    assert log.read_text() == "there\n"
    assert list((kfp_home / "volumes").iterdir()) == []
    assert done(made, settings()).tasks["delete"].state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "takes a pvc_name or a pvc_name_suffix"),
        ({"pvc_name": "a", "pvc_name_suffix": "b"}, "one of the two"),
        ({"pvc_name": "a", "data_source": {"kind": "VolumeSnapshot"}}, "no data_source"),
    ],
)
def test_claims_that_cannot_be_made(settings: Settings, arguments: dict[str, Any], said: str) -> None:
    result = done(claims_pipeline("", **arguments).document(), settings())
    assert said in str(result.error)


def test_deleting_a_claim_leaves_a_directory_of_the_users_own(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    result = done(claims_pipeline("delete", pvc_name="data").document(), settings(volumes={"data": tmp_path / "mine"}))
    assert result.state is State.SUCCEEDED, result.error
    log = result.tasks["delete"].log
    assert log is not None
    assert "a directory of your own, which stays" in log.read_text()
    assert (tmp_path / "mine").is_dir()


def test_the_guard_is_told_of_directories_without_strange_signs() -> None:
    with contextlib.closing(Guard()) as guard, guard.directory(Path("/no/such")):
        pass
