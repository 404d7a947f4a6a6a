"""Packages from an index: credentials, certificates, hashes, files that are not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Distribution, Indexes, Layout, Libc, Target, install, lock
from tests.parts.processes import missing
from tests.requirements.projects import write_project, write_sdist
from tests.requirements.simple_index import SimpleIndex, serve_index
from tests.requirements.wheels import write_wheel

TARGET = Target("3.9", "linux", "arm64", Libc("glibc", (2, 36)))
LAYOUT = Layout("lib/python3.9/site-packages", "usr", "/usr/bin/python3.9")


@pytest.fixture(autouse=True)
def own_settings(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No wheels but the index's, no second attempts."""
    assert wheels.is_dir()
    for name in ("PIP_NO_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SimpleIndex]:
    folder = tmp_path / "index"
    folder.mkdir()
    with serve_index(SimpleIndex(folder)) as running:
        yield running


def fetched(folder: Path, indexes: Indexes, *requirements: str) -> tuple[Distribution, ...]:
    locked = lock(requirements, TARGET, cache=folder / "locks", indexes=indexes)
    staging = folder / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    return install(locked.packages, TARGET, LAYOUT, staging=staging, indexes=indexes)


def test_wheels_and_source_distributions(index: SimpleIndex, tmp_path: Path) -> None:
    write_wheel(index.folder, "tiny", requires=("pure",))
    write_wheel(index.folder, "tiny", "0.9")
    write_sdist(index.folder, "pure")
    pure, tiny = fetched(tmp_path, Indexes((index.url,)), "tiny")
    assert (pure.name, tiny.name, tiny.version) == ("pure", "tiny", "1.0")


def test_the_best_version_of_all_indexes(index: SimpleIndex, tmp_path: Path) -> None:
    write_wheel(index.folder, "tiny", "1.0")
    other = tmp_path / "other"
    write_wheel(other, "tiny", "2.0")
    with serve_index(SimpleIndex(other)) as more:
        (tiny,) = fetched(tmp_path, Indexes((index.url, more.url)), "tiny")
    assert tiny.version == "2.0"


def test_find_links_besides_an_index(index: SimpleIndex, tmp_path: Path) -> None:
    """The way out where an index has no wheel for the target."""
    write_wheel(index.folder, "bin", tag="cp39-cp39-manylinux_2_17_x86_64")
    with pytest.raises(RequirementsError, match=r"bin==1\.0 has no wheel for Python 3\.9 on linux/arm64"):
        fetched(tmp_path, Indexes((index.url,)), "bin")
    write_wheel(tmp_path / "links", "bin", tag="cp39-cp39-manylinux_2_17_aarch64")
    (found,) = fetched(tmp_path, Indexes((index.url,), find_links=(str(tmp_path / "links"),)), "bin")
    assert found.name == "bin"


def test_versions_stay_when_a_project_wants_more(index: SimpleIndex, tmp_path: Path) -> None:
    """A new release is no reason to move; only what the project asks for anew is looked up."""
    indexes = Indexes((index.url,))

    def locked(*, refresh: bool = False) -> list[str]:
        line = (tmp_path / "lib").as_uri()
        found = lock([line], TARGET, cache=tmp_path / "locks", indexes=indexes, refresh=refresh)
        return [str(package) for package in found.packages]

    write_wheel(index.folder, "tiny", "1.0")
    write_wheel(index.folder, "more", "1.0")
    write_project(tmp_path / "lib", "lib", requires=("tiny",))
    assert locked() == ["lib==1.0", "tiny==1.0"]
    write_wheel(index.folder, "tiny", "2.0")
    write_project(tmp_path / "lib", "lib", requires=("tiny", "more"))
    assert locked() == ["lib==1.0", "more==1.0", "tiny==1.0"]
    assert locked(refresh=True) == ["lib==1.0", "more==1.0", "tiny==2.0"]


def test_credentials(index: SimpleIndex, tmp_path: Path) -> None:
    """They are used for pages and files, and told to nobody."""
    index.login = "ada:s3cret-lace"
    write_wheel(index.folder, "tiny")
    (tiny,) = fetched(tmp_path, Indexes((index.url,)), "tiny")
    assert tiny.name == "tiny"
    assert [path for path, given in index.requests if given and path.startswith("/files/")]
    assert not [path for path in tmp_path.glob("locks/*") if "s3cret" in path.read_text()]


@pytest.mark.parametrize("login", ["", "ada:wrong-lace@"])
def test_wrong_credentials(index: SimpleIndex, tmp_path: Path, login: str) -> None:
    index.login = "ada:s3cret-lace"
    write_wheel(index.folder, "tiny")
    with pytest.raises(RequirementsError) as raised:
        fetched(tmp_path, Indexes((f"http://{login}{index.address.removeprefix('http://')}/simple",)), "tiny")
    assert "tiny" in raised.value.message
    assert "401 Unauthorized" in str(raised.value.hint)
    assert "lace" not in str(raised.value)


def test_another_file_than_the_index_states(index: SimpleIndex, tmp_path: Path) -> None:
    wheel = write_wheel(index.folder, "tiny")
    index.wrong_hashes.add(wheel.name)
    with pytest.raises(RequirementsError, match=r"(?s)tiny==1\.0.*Hash mismatch"):
        fetched(tmp_path, Indexes((index.url,)), "tiny")


def test_a_file_that_was_replaced_after_it_was_locked(index: SimpleIndex, tmp_path: Path) -> None:
    write_wheel(index.folder, "tiny")
    locked = lock(["tiny"], TARGET, cache=tmp_path / "locks", indexes=Indexes((index.url,)))
    write_wheel(index.folder, "tiny", files={"tiny.py": "tampered"})
    (tmp_path / "staging").mkdir()
    with pytest.raises(RequirementsError, match=r"(?s)tiny==1\.0.*Hash mismatch"):
        install(locked.packages, TARGET, LAYOUT, staging=tmp_path / "staging", indexes=Indexes((index.url,)))


def test_a_source_distribution_that_is_another(index: SimpleIndex, tmp_path: Path) -> None:
    sdist = write_sdist(index.folder, "pure")
    index.wrong_hashes.add(sdist.name)
    with pytest.raises(RequirementsError, match=r"(?s)pure.*Hash mismatch"):
        fetched(tmp_path, Indexes((index.url,)), "pure")


def test_a_file_that_is_not_there(index: SimpleIndex, tmp_path: Path) -> None:
    index.missing.add(write_wheel(index.folder, "tiny").name)
    with pytest.raises(RequirementsError, match=r"(?s)tiny-1\.0-py3-none-any\.whl.*404"):
        fetched(tmp_path, Indexes((index.url,)), "tiny")


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        missing("openssl is not installed")
    write_wheel(tmp_path / "index", "tiny")
    with serve_index(SimpleIndex(tmp_path / "index"), tls=tmp_path / "tls") as index:
        with pytest.raises(RequirementsError, match=r"127\.0\.0\.1"):
            fetched(tmp_path, Indexes((index.url,)), "tiny")
        host = index.address.removeprefix("https://")
        (tiny,) = fetched(tmp_path, Indexes((index.url,), trusted_hosts=(host,)), "tiny")
        assert tiny.name == "tiny"
