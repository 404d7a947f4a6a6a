"""Fixtures that every test may use: a private home, and real registries and container engines.

A part that this machine lacks skips the tests that need it, with the reason; where the environment variable CI is
set nothing is skipped: the missing part fails the test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.parts.base_image import bootstrapped_home
from tests.parts.engines import ContainerEngine, own_dockerd, podman_settings, running_docker
from tests.parts.object_stores import ObjectStore, as_minio, serve_az, serve_gs, serve_s3
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry, serve_registry
from tests.parts.runtimes import NAMES, Runtime, runtime_of

# On machines that do other things as well slowness alone is no failure.
settings.register_profile("patient", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
if os.environ.get("CI"):  # Hypothesis draws the same every time, but for constants of whatever modules are loaded
    with contextlib.suppress(ImportError, AttributeError):  # of its insides, which may change
        from hypothesis.internal.conjecture import providers

        providers._get_local_constants = providers.Constants  # type: ignore[attr-defined,assignment]


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C is heard here, and by all that is started, where a shell has started the tests in the background, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def kfp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty KFP_HOME, and no configuration of the developer's own."""
    home = tmp_path / "kfp-home"
    monkeypatch.setenv("KFP_HOME", str(home))
    docker_config = tmp_path / "docker-config"
    docker_config.mkdir()
    (docker_config / "config.json").write_text("{}")  # podman fails where the directory has no such file
    monkeypatch.setenv("DOCKER_CONFIG", str(docker_config))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "xdg-runtime"))
    for name in ("REGISTRY_AUTH_FILE", "KFP_DEFAULT_BASE_IMAGE", "SOURCE_DATE_EPOCH", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the only source of wheels, and a cache of uv's that is empty."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    return folder


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """A real registry that anybody may push to, on a loopback port of its own."""
    require("docker-registry", "docker-registry")
    with serve_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def locked_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """A real registry that wants a user name and a password."""
    require("docker-registry", "docker-registry")
    require("htpasswd", "apache2-utils")
    with serve_registry(tmp_path_factory.mktemp("locked-registry"), username="ada", password="s3cret-lace") as running:
        yield running


@pytest.fixture(scope="session")
def bootstrapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose image store holds `localhost/python-base:test`, packed from the running interpreter."""
    return bootstrapped_home(tmp_path_factory.mktemp("bootstrapped"))


@pytest.fixture
def base_image(bootstrapped: Path, kfp_home: Path) -> str:
    """The name of a base image that lies in this test's own store."""
    shutil.copytree(bootstrapped, kfp_home, dirs_exist_ok=True)
    return "localhost/python-base:test"


@pytest.fixture(scope="session")
def docker_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerEngine]:
    """The Docker that runs here, or a daemon of our own where we may start one."""
    require("docker", "docker.io")
    found = running_docker()
    if found is not None:
        yield found
        return
    require("dockerd", "docker.io")
    with own_dockerd(tmp_path_factory.mktemp("dockerd")) as engine:
        yield engine


@pytest.fixture(scope="session")
def podman_session() -> Iterator[ContainerEngine]:
    """Podman with runc and a storage of its own.

    Its path is short: where that of podman's sockets becomes too long, podman waits 20 s for each container to end.
    """
    require("podman", "podman")
    require("runc", "runc")
    with tempfile.TemporaryDirectory(prefix="kfp-", ignore_cleanup_errors=True) as folder:
        yield podman_settings(Path(folder))


@pytest.fixture
def docker(docker_session: ContainerEngine, monkeypatch: pytest.MonkeyPatch) -> ContainerEngine:
    """Docker, chosen as the container engine of this test."""
    docker_session.choose(monkeypatch)
    return docker_session


@pytest.fixture
def podman(podman_session: ContainerEngine, monkeypatch: pytest.MonkeyPatch) -> ContainerEngine:
    """Podman, chosen as the container engine of this test."""
    podman_session.choose(monkeypatch)
    return podman_session


@pytest.fixture(params=["docker", "podman"])
def container_engine(request: pytest.FixtureRequest) -> ContainerEngine:
    """Each container engine in turn."""
    engine: ContainerEngine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture(params=NAMES)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    """Everything that runs containers in turn: docker, podman, runc."""
    if request.param == "runc":
        require("runc", "runc")
    return runtime_of(request.param, request.getfixturevalue)


@pytest.fixture(scope="session")
def s3_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A server of S3 on a loopback port."""
    with serve_s3(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="session")
def minio_session(s3_session: ObjectStore) -> ObjectStore:
    """The same, as if it were a MinIO."""
    return as_minio(s3_session)


@pytest.fixture(scope="session")
def gs_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """An emulator of Google Cloud Storage on a loopback port."""
    with serve_gs(tmp_path_factory.mktemp("gs")) as running:
        yield running


@pytest.fixture(scope="session")
def az_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """Azurite on a loopback port."""
    with serve_az(tmp_path_factory.mktemp("az")) as running:
        yield running


@pytest.fixture
def s3(s3_session: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of an empty bucket of S3."""
    return s3_session.choose(monkeypatch)


@pytest.fixture(params=["s3", "minio", "gs", "az"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of an empty bucket of each kind of object store in turn."""
    store: ObjectStore = request.getfixturevalue(f"{request.param}_session")
    return store.choose(monkeypatch)
