"""Up and down, with real servers of every kind of object store."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.engine.artifacts.endpoints import client_options, require
from kfp.engine.artifacts.reach import check_reach
from kfp.engine.artifacts.store import ObjectStores
from kfp.engine.artifacts.taking import delete_artifacts
from kfp.engine.artifacts.transfer import PIECE, Canceled, Transfer
from kfp.errors import RunError
from tests.engine.artifacts.conftest import Mover, tree
from tests.parts.trees import write_tree

# aiohttp's remark to gcsfs, which sends pieces of 8 MiB from memory
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")

BIG = bytes(range(256)) * (PIECE // 256 + 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with all that is strange in one."""
    made = tmp_path / "made"
    (made / "a b" / "ü").mkdir(parents=True)
    (made / "a b" / "ü" / "x#?%20[1]*+&.txt").write_text("hi")
    (made / "empty" / "inside").mkdir(parents=True)
    (made / "nothing").write_bytes(b"")
    (made / "big").write_bytes(BIG)
    return made


def test_a_directory_comes_back_as_it_went(bucket: str, folder: Path, mover: Mover, tmp_path: Path) -> None:
    uri = f"{bucket}/some runs/ü/made"
    mover.up(folder, uri)
    mover.depot.stores.put(f"{uri}-too", b"its name only begins the same")
    assert tree(mover.down(uri, tmp_path / "back")) == tree(folder)


def test_a_file_comes_back_as_it_went(bucket: str, folder: Path, mover: Mover, tmp_path: Path) -> None:
    for name, content in (("big", BIG), ("nothing", b"")):
        mover.up(folder / name, f"{bucket}/run/{name}")
        assert mover.down(f"{bucket}/run/{name}", tmp_path / name).read_bytes() == content


def test_what_lay_there_before_is_replaced(bucket: str, folder: Path, mover: Mover, tmp_path: Path) -> None:
    mover.up(folder, f"{bucket}/made")
    (folder / "nothing").unlink()
    mover.up(folder, f"{bucket}/made")
    assert "nothing" not in tree(mover.down(f"{bucket}/made", tmp_path / "back"))
    mover.up(folder / "big", f"{bucket}/made")
    assert mover.down(f"{bucket}/made", tmp_path / "back").read_bytes() == BIG


def test_nothing_there(bucket: str, mover: Mover, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"{bucket}/none cannot be downloaded: nothing lies at"):
        mover.down(f"{bucket}/none", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert mover.depot.stores.keys(f"{bucket}/none") == []


def test_a_run_is_deleted_and_nothing_else(bucket: str, folder: Path, mover: Mover) -> None:
    run = f"{bucket}/root/p/0b5b1f0e-6b1c-4c5e-8f0e-2a3b4c5d6e7f"
    mover.up(folder, f"{run}/train/model")
    mover.depot.stores.put(f"{run}-x", b"")
    mover.depot.stores.put(f"{bucket}/root/p/other", b"")
    assert delete_artifacts(run) == 4
    left = mover.depot.stores.keys(f"{bucket}/root")
    assert sorted(left) == [f"{run}-x", f"{bucket}/root/p/other"]
    assert delete_artifacts(run) == 0
    assert delete_artifacts("/home/runs") == 0
    with pytest.raises(RunError, match="is no run's own"):
        delete_artifacts(f"{bucket}/root")


def test_a_root_that_takes_nothing_is_refused(bucket: str) -> None:
    check_reach([], f"{bucket}/root/p/run")
    assert ObjectStores().keys(f"{bucket}/root") == []
    with pytest.raises(RunError, match="-none/root cannot be written to"):
        check_reach([], f"{bucket}-none/root")


_NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 60)
_TREES = st.recursive(
    st.binary(max_size=40), lambda inner: st.dictionaries(_NAMES, inner, max_size=4), max_leaves=8
).filter(lambda made: isinstance(made, dict))


@given(made=_TREES)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tree_comes_back(made: Any, s3: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("tree")
    write_tree(place / "made", made)
    mover = Mover(place / "home")
    try:
        mover.up(place / "made", f"{s3}/tree")
        assert tree(mover.down(f"{s3}/tree", place / "back")) == tree(place / "made")
    finally:
        mover.depot.close()


@pytest.mark.parametrize("key", ["../../out", "a/../../out", "/abs", "a//b", "./a", "..", "x/" + "n" * 300])
def test_keys_that_are_no_files_below_a_directory_are_refused(
    s3: str, s3_session: Any, mover: Mover, tmp_path: Path, key: str
) -> None:
    import boto3

    client = boto3.client("s3", endpoint_url=s3_session.address)
    client.put_object(Bucket=s3.removeprefix("s3://"), Key=f"data/{key}", Body=b"hostile")
    client.put_object(Bucket=s3.removeprefix("s3://"), Key="data/good", Body=b"good")
    client.close()
    (tmp_path / "deep").mkdir()
    with pytest.raises(RunError, match="cannot be a file below a directory"):
        mover.down(f"{s3}/data", tmp_path / "deep" / "in")
    assert list(tmp_path.rglob("out")) == list(tmp_path.rglob("good")) == []


def test_content_is_brought_once_and_again_when_it_changes(
    s3: str, mover: Mover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = ObjectStores.read
    monkeypatch.setattr(ObjectStores, "read", lambda self, uri, *rest: reads.append(uri) or read(self, uri, *rest))
    mover.depot.stores.put(f"{s3}/data", b"one")
    for number in range(3):
        assert mover.down(f"{s3}/data", tmp_path / str(number)).read_bytes() == b"one"
    assert len(reads) == 1
    (tmp_path / "1").write_bytes(b"a step wrote here")
    assert mover.down(f"{s3}/data", tmp_path / "3").read_bytes() == b"one"
    mover.depot.stores.put(f"{s3}/data", b"two")
    assert mover.down(f"{s3}/data", tmp_path / "4", own=True).read_bytes() == b"two"
    (tmp_path / "4").write_bytes(b"mine")
    assert mover.down(f"{s3}/data", tmp_path / "5").read_bytes() == b"two"
    assert len(reads) == 3


def test_many_at_a_time_bring_it_once(s3: str, mover: Mover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    read = ObjectStores.read
    monkeypatch.setattr(ObjectStores, "read", lambda self, uri, *rest: reads.append(uri) or read(self, uri, *rest))
    mover.depot.stores.put(f"{s3}/data", b"one")
    threads = [threading.Thread(target=mover.down, args=(f"{s3}/data", tmp_path / str(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(tmp_path / str(n)).read_bytes() for n in range(8)} == {b"one"}
    assert len(reads) == 1


def test_an_error_that_passes_is_tried_again(
    s3: str, mover: Mover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kfp.engine.artifacts.transfer._FIRST_DELAY", 0.01)
    failed: list[int] = []
    read = ObjectStores.read

    def flaky(self: ObjectStores, *rest: Any) -> bytes:
        if len(failed) < 3:
            failed.append(1)
            raise ConnectionResetError("reset by peer")
        return read(self, *rest)

    mover.depot.stores.put(f"{s3}/data", b"one")
    monkeypatch.setattr(ObjectStores, "read", flaky)
    assert mover.down(f"{s3}/data", tmp_path / "data").read_bytes() == b"one"
    assert len(failed) == 3


def test_an_upload_that_is_given_up_leaves_nothing(s3: str, folder: Path, mover: Mover) -> None:
    class Impatient(Transfer):
        def moved(self, count: int) -> None:
            mover.canceled.set()

    stores, workers = mover.depot.stores, mover.depot.workers
    from kfp.engine.artifacts.upload import upload

    with pytest.raises(Canceled):
        upload(folder / "big", f"{s3}/big", stores=stores, workers=workers, transfer=Impatient(print, mover.canceled))
    assert stores.keys(f"{s3}/big") == []


def test_wrong_credentials_are_told_at_once(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/none")
    with pytest.raises(RunError, match="cannot be written to") as raised:
        check_reach([], f"{s3}/root")
    assert raised.value.hint == "check the credentials in the environment, and what they allow"


@pytest.mark.parametrize(
    ("uri", "extra"), [("s3://b/k", "s3"), ("gs://b/k", "gs"), ("az://b/k", "az"), ("abfs://b@a.c/k", "az")]
)
def test_a_missing_extra_is_named(uri: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfp.engine.artifacts.endpoints.find_spec", lambda _: None)
    with pytest.raises(RunError, match=f"nothing installed here can reach {uri}") as raised:
        require(["/here", uri], {})
    assert raised.value.hint == f"pip install 'kfp-skiff[{extra}]'"


@pytest.mark.parametrize(
    ("scheme", "environment", "options"),
    [
        ("gs", {"AWS_ENDPOINT_URL": "http://x"}, {}),
        ("s3", {}, {}),
        ("s3", {"AWS_ENDPOINT_URL": "http://x", "MINIO_ENDPOINT": "y"}, {"endpoint_url": "http://x"}),
        ("s3", {"AWS_ENDPOINT_URL": "http://x", "AWS_ENDPOINT_URL_S3": "http://y"}, {"endpoint_url": "http://y"}),
        ("minio", {"AWS_ENDPOINT_URL": "http://x", "MINIO_ENDPOINT": "h:9000"}, {"endpoint_url": "https://h:9000"}),
        ("minio", {"MINIO_ENDPOINT": "h:9000", "MINIO_SECURE": "False"}, {"endpoint_url": "http://h:9000"}),
        (
            "minio",
            {"AWS_ENDPOINT_URL": "http://x", "MINIO_ROOT_USER": "a", "MINIO_ROOT_PASSWORD": "b"},
            {"endpoint_url": "http://x", "key": "a", "secret": "b"},
        ),
    ],
)
def test_where_a_client_connects_to(scheme: str, environment: dict[str, str], options: dict[str, str]) -> None:
    assert client_options(scheme, environment) == options


def test_a_minio_without_an_endpoint() -> None:
    with pytest.raises(RunError, match="nothing says which MinIO"):
        require(["minio://mlpipeline/k"], {})
