"""Images that nobody vouches for, in containers without a daemon: nothing of this machine is touched."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kfp.engine.running.choice import choose_executor
from kfp.engine.step import StepEnd
from kfp.images.blob_store import BlobStore
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.layer import Layer
from kfp.images.media_types import OCI_LAYER
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.engine.executors.test_container_steps import Told, play
from tests.images.making import Raw, raw_tar
from tests.parts.processes import require
from tests.parts.runtimes import Runtime

pytestmark = pytest.mark.engine

LINK, FOLDER = tarfile.SYMTYPE, tarfile.DIRTYPE
HOSTILE = "localhost/hostile:v1"

Play = Callable[..., tuple[StepEnd, Told]]


@pytest.fixture
def hostile(base_image: str, kfp_home: Path, tmp_path: Path) -> Play:
    """Run a script in the base image with a layer of these members on top."""
    require("runc", "runc")

    def start(script: str, *members: Raw, user: str = "", directory: str = "") -> tuple[StepEnd, Told]:
        store = Store(kfp_home / "images")
        base = store.get(Reference.parse(base_image))
        assert base is not None
        tar = raw_tar(*members)
        descriptor = Descriptor.of(tar, OCI_LAYER)
        BlobStore(store.root).put(tar, OCI_LAYER)
        image = base.append(Layer(descriptor, sha256(tar), store))
        image = image.with_config(image.config.with_user(user).with_working_dir(directory))
        store.put(image, Reference.parse(HOSTILE))
        executor = choose_executor(Runtime("runc", "runc").settings(kfp_home))
        try:
            return play(executor, tmp_path, HOSTILE, script)
        finally:
            executor.close()

    return start


def victim(tmp_path: Path) -> Path:
    made = tmp_path / "victim"
    made.mkdir()
    (made / "hosts").write_text("untouched")
    return made


def test_links_where_something_is_mounted_lead_nowhere(hostile: Play, tmp_path: Path) -> None:
    goal = victim(tmp_path)
    for name in ("etc", "etc/hosts", "etc/resolv.conf", "proc", "dev", "sys", "tmp", "dev/shm"):
        target = goal / "hosts" if name.startswith("etc/") else goal
        end, told = hostile("echo ran", Raw(name, type=LINK, link=str(target)))
        # It may run, since links are followed inside, or be refused: either way this machine is as it was.
        assert told.lines == ["ran"] or end.error is not None, name
        assert [path.name for path in goal.rglob("*")] == ["hosts"], name
        assert (goal / "hosts").read_text() == "untouched"


def test_a_layer_that_climbs_is_refused(hostile: Play, tmp_path: Path) -> None:
    end, told = hostile("echo ran", Raw("../../../escaped", b""))
    assert "unsafe path" in str(end.error)
    assert told.lines == []
    assert list(tmp_path.rglob("escaped")) == []


def test_a_directory_that_leads_out_through_the_runtime_is_refused(hostile: Play) -> None:
    for place in ("/proc/self/fd/7", "/usr/../proc/self/fd/7", "../../proc/1/root"):
        end, told = hostile("pwd", Raw("x", b""), directory=place)
        assert "starts in" in str(end.error)
        assert told.lines == []


def test_users_are_not_looked_up_through_links(hostile: Play, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("eve:x:0:0::/:\n")
    end, _ = hostile("echo ran", Raw("etc/passwd", type=LINK, link=str(tmp_path / "passwd")), user="eve")
    assert "no user 'eve'" in str(end.error)


def test_a_user_of_the_image_writes_its_outputs(hostile: Play, tmp_path: Path) -> None:
    passwd = b"root:x:0:0::/root:\nada:x:1000:1001::/home/ada:\n"
    members = [Raw("etc/passwd", passwd), Raw("home/ada/", type=FOLDER, mode=0o755, pax={"uid": "1000", "gid": "1001"})]
    out = tmp_path / "step/parameters/o"
    script = f"id -u; id -g; echo $HOME; touch $HOME/own && echo out > {out}; grep CapEff /proc/self/status"
    end, told = hostile(script, *members, user="ada")
    assert end.error is None
    assert told.lines == ["1000", "1001", "/home/ada", "CapEff:\t0000000000000000"]
    assert (out.read_text(), out.stat().st_uid) == ("out\n", 1000)


def test_what_a_step_does_to_its_files_no_other_step_sees(hostile: Play, kfp_home: Path) -> None:
    def state() -> dict[str, tuple[int, int, float]]:
        layers = kfp_home / "cache" / "layers"
        said = {str(path): path.lstat() for path in layers.glob("*/*/files/**/*")}
        return {name: (each.st_mode, each.st_size, each.st_mtime) for name, each in said.items()}

    kept = Raw("opt/kept", b"original")
    assert hostile("cat /opt/kept", kept)[1].lines == ["original"]
    before = state()
    damage = "echo x > /opt/kept; rm -rf /opt /usr/local/include; chmod 777 /usr; chown 5:5 /etc; touch /new"
    both = "exec 2>&1"  # runc brings the two streams as they come
    assert hostile(f"{both}; {damage}; ls /opt || echo gone", kept)[1].lines[-1] == "gone"
    assert state() == before
    assert hostile("cat /opt/kept; echo; test -e /new || echo none", kept)[1].lines == ["original", "none"]
