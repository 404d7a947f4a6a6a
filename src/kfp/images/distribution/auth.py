"""Which credentials the user has configured for a registry, in the places where container tools keep them.

The files, in this order: `config.json` in `$DOCKER_CONFIG` or `~/.docker`, `$REGISTRY_AUTH_FILE`, and
`$XDG_RUNTIME_DIR/containers/auth.json`. Within a file a helper of the registry's own (`credHelpers`) comes before
the general one (`credsStore`), and that before what is written down (`auths`). The first file that knows the registry
counts.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from kfp.errors import AuthenticationError

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_DOCKER_HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_LARGEST_FILE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Credentials:
    """What proves who the user is. No secret shows in its `repr`.

    Attributes:
        username: empty where a token stands alone.
        password: for Basic authentication, or to get a token with.
        identity_token: an OAuth2 refresh token, exchanged for access tokens.
        registry_token: a ready-made Bearer token.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The value of an `Authorization: Basic` header, without the scheme."""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not appear in a message."""
        encoded = self.basic if self.password else ""
        return tuple(s for s in (self.password, self.identity_token, self.registry_token, encoded) if s)


@dataclass(frozen=True)
class Keychain:
    """The credential files of one user.

    Attributes:
        files: in the order in which they are asked; those that do not exist are passed over.
    """

    files: tuple[Path, ...] = ()

    @classmethod
    def default(cls, environ: Mapping[str, str] | None = None) -> Keychain:
        """Return the keychain of the user who runs this process.

        Args:
            environ: the environment variables to go by; the process's own by default.
        """
        variables = os.environ if environ is None else environ
        files = [directory / "config.json" for directory in _docker_directory(variables)]
        if variables.get("REGISTRY_AUTH_FILE"):
            files.append(Path(variables["REGISTRY_AUTH_FILE"]))
        if variables.get("XDG_RUNTIME_DIR"):
            files.append(Path(variables["XDG_RUNTIME_DIR"]) / "containers" / "auth.json")
        return cls(tuple(files))

    def lookup(self, registry: str, repository: str | None = None) -> Credentials | None:
        """Return the credentials for a registry.

        Args:
            registry: host and port as in an image name, for example `ghcr.io`, `localhost:5000` or `docker.io`.
            repository: tried as a longer key first (`ghcr.io/team/app`, `ghcr.io/team`), as Podman's files have them.

        Returns:
            The credentials, or None where no file knows the registry.

        Raises:
            AuthenticationError: a file or a helper cannot be read; the message names it and shows no secret.
        """
        for file in self.files:
            found = _AuthFile.read(file).lookup(registry, repository)
            if found is not None:
                return found
        return None

    def places(self) -> str:
        """Return the files that were asked, for an error message."""
        names = [str(file) + ("" if file.exists() else " (absent)") for file in self.files]
        return ", ".join(names) if names else "no file"


@dataclass(frozen=True)
class _AuthFile:
    path: Path
    auths: Mapping[str, object]
    helpers: Mapping[str, object]
    store: str

    @classmethod
    def read(cls, path: Path) -> _AuthFile:
        content = _read_json(path)
        store = content.get("credsStore") or ""
        if not isinstance(store, str):
            raise _malformed(path, "credsStore is not a text")
        return cls(path, _table(path, content, "auths"), _table(path, content, "credHelpers"), store)

    def lookup(self, registry: str, repository: str | None) -> Credentials | None:
        hub = registry in _DOCKER_HUB_HOSTS
        server = DOCKER_HUB_KEY if hub else registry
        for key in (server, registry):
            helper = self.helpers.get(key)
            if helper is not None:
                return self._ask(helper, server)
        if self.store:
            found = self._ask(self.store, server)
            if found is not None:
                return found
        by_key = {_bare_key(key): key for key in reversed(tuple(self.auths))}
        for name in _names(registry, repository, hub=hub):
            if name in by_key:
                found = self._entry(by_key[name])
                if found is not None:
                    return found
        return None

    def _ask(self, helper: object, server: str) -> Credentials | None:
        if not isinstance(helper, str):
            raise _malformed(self.path, f"the helper for {server} is not a text")
        from kfp.images.distribution.credential_helper import ask_helper  # noqa: PLC0415 (start-up: most registries need none)

        answer = ask_helper(helper, server, named_in=self.path)
        if answer is None:
            return None
        username, secret = answer
        if username == "<token>":
            return Credentials(identity_token=secret)
        return Credentials(username, secret)

    def _entry(self, key: str) -> Credentials | None:
        entry = self.auths[key]
        if not isinstance(entry, dict):
            raise _malformed(self.path, f"auths[{key!r}] is not an object")
        fields = {name: entry.get(name) or "" for name in ("auth", "username", "password")}
        tokens = {name: entry.get(name) or "" for name in ("identitytoken", "registrytoken")}
        for name, value in (fields | tokens).items():
            if not isinstance(value, str):
                raise _malformed(self.path, f"auths[{key!r}].{name} is not a text")
        username, password = fields["username"], fields["password"]
        if fields["auth"]:
            username, password = self._decode(key, fields["auth"])
        if username == "<token>" and not tokens["identitytoken"]:
            return Credentials(identity_token=password)
        found = Credentials(username, password, tokens["identitytoken"], tokens["registrytoken"])
        return found if found.username or found.secrets else None

    def _decode(self, key: str, auth: str) -> tuple[str, str]:
        try:
            username, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if not colon:
            raise _malformed(self.path, f"auths[{key!r}].auth is not the base64 form of user:password") from None
        return username, password.rstrip("\0")


def _docker_directory(variables: Mapping[str, str]) -> list[Path]:
    configured = variables.get("DOCKER_CONFIG")
    if configured:
        return [Path(configured)]
    try:
        return [Path.home() / ".docker"]
    except RuntimeError:  # a container's user without a home
        return []


def _names(registry: str, repository: str | None, *, hub: bool) -> Iterator[str]:
    hosts = ("index.docker.io", "docker.io", "registry-1.docker.io") if hub else (registry,)
    parts = repository.split("/") if repository else []
    for length in range(len(parts), -1, -1):
        for host in hosts:
            yield "/".join((host, *parts[:length]))


def _bare_key(key: str) -> str:
    """Drop what old versions of Docker wrote around a host: the scheme and the API's version."""
    bare = key.split("://", 1)[-1].rstrip("/")
    for version in ("/v1", "/v2"):
        bare = bare.removesuffix(version)
    return bare


def _read_json(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise AuthenticationError(
            f"{path}: the registry credentials cannot be read: {error.strerror or error}", hint="check its permissions"
        ) from error
    if len(data) > _LARGEST_FILE:
        raise _malformed(path, "it is larger than 4 MiB")
    if not data.strip():
        return {}
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "it is not text"
        raise _malformed(path, where) from None
    if not isinstance(content, dict):
        raise _malformed(path, "it does not hold an object")
    return content


def _table(path: Path, content: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = content.get(name) or {}
    if not isinstance(value, dict):
        raise _malformed(path, f"{name} is not an object")
    return cast("dict[str, object]", value)


def _malformed(path: Path, detail: str) -> AuthenticationError:
    return AuthenticationError(
        f"{path}: not a valid file of registry credentials: {detail}",
        hint="correct it, or move it away and run `docker login` again",
    )
