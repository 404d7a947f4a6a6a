"""A real docker-registry on a loopback port."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.processes import free_port, require, running


@dataclass(frozen=True)
class RunningRegistry:
    """Where a registry listens, what it wants, and where it keeps its blobs."""

    host: str
    storage: Path
    username: str | None = None
    password: str | None = None

    def docker_config(self) -> str:
        """Return the text of a Docker `config.json` that lets a client in."""
        if self.username is None:
            return "{}"
        secret = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return json.dumps({"auths": {self.host: {"auth": secret}}})

    def blobs(self) -> dict[str, int]:
        """Return the size of each blob that the registry holds, by hex digest."""
        return {path.parent.name: path.stat().st_size for path in self.storage.glob("docker/registry/v2/blobs/**/data")}

    def digest_of(self, repository: str, tag: str) -> str | None:
        """Return what a tag points at, read from the registry's own files."""
        link = self._repository(repository) / "_manifests" / "tags" / tag / "current" / "link"
        # The registry makes the file before it writes it.
        return (link.read_text().strip() or None) if link.exists() else None

    def damage(self, repository: str, digest: str) -> list[str]:
        """Return all that an image or index lacks in a repository, or that is not what its digest says."""
        if not self._linked(repository, "_manifests/revisions", digest):
            return [f"the manifest {digest} is not in {repository}"]
        wrong = self._wrong_bytes(digest)
        if wrong:
            return wrong
        document = json.loads(self._blob(digest).read_bytes())
        for entry in document.get("manifests", []):
            wrong += self.damage(repository, entry["digest"])
        for blob in filter(None, (document.get("config"), *document.get("layers", []))):
            if self._linked(repository, "_layers", blob["digest"]):
                wrong += self._wrong_bytes(blob["digest"])
            else:
                wrong.append(f"the blob {blob['digest']} is not in {repository}")
        return wrong

    def linked(self, repository: str, digests: Iterable[str]) -> list[str]:
        """Return those of the blobs that a repository has."""
        return [digest for digest in digests if self._linked(repository, "_layers", digest)]

    def _wrong_bytes(self, digest: str) -> list[str]:
        path = self._blob(digest)
        if not path.exists():
            return [f"{digest} is gone"]
        found = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        return [] if found == digest else [f"{digest} has the bytes of {found}"]

    def _linked(self, repository: str, where: str, digest: str) -> bool:
        return (self._repository(repository) / where / digest.replace(":", "/") / "link").exists()

    def _repository(self, name: str) -> Path:
        return self.storage / "docker/registry/v2/repositories" / name

    def _blob(self, digest: str) -> Path:
        algorithm, _, name = digest.partition(":")
        return self.storage / "docker/registry/v2/blobs" / algorithm / name[:2] / name / "data"


@contextmanager
def serve_registry(
    folder: Path, *, username: str | None = None, password: str | None = None, auth: str | None = None
) -> Iterator[RunningRegistry]:
    """Serve a registry from `folder` until the block ends.

    Args:
        folder: holds all that it has and needs.
        username: who may enter; None lets everybody in.
        password: theirs.
        auth: instead, the `auth` section of its configuration.
    """
    port = free_port()
    storage = folder / "storage"
    storage.mkdir()
    lines = [
        "version: 0.1",
        "log: {level: warn}",
        f"storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}",
        f"http: {{addr: '127.0.0.1:{port}'}}",
    ]
    if username is not None:
        secrets = folder / "htpasswd"
        hashed = subprocess.run(
            [require("htpasswd", "apache2-utils"), "-Bbn", username, str(password)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        secrets.write_text(hashed.stdout)
        lines.append(f"auth: {{htpasswd: {{realm: tests, path: {secrets}}}}}")
    if auth is not None:
        lines.append(f"auth: {auth}")
    config = folder / "config.yml"
    config.write_text("\n".join(lines) + "\n")

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1).close()
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return refusal.code == 401
        except OSError:
            return False
        return True

    command = [require("docker-registry", "docker-registry"), "serve", str(config)]
    with running(command, folder / "registry.log", answers):
        yield RunningRegistry(f"localhost:{port}", storage, username, password)
