"""Tokens that a real registry verifies: which scopes are asked for, by whom, and what happens when they end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.errors import AuthenticationError
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.pull import fetch_layers, resolve
from kfp.images.distribution.push import push, push_all
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.image import Image
from kfp.images.layer import build_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry, serve_registry
from tests.parts.token_server import ISSUER, SERVICE, TokenServer, serve_tokens

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TokenServer, RunningRegistry]]:
    require("docker-registry", "docker-registry")
    folder = tmp_path_factory.mktemp("tokens")
    with serve_tokens(folder) as tokens:
        auth = f"{{token: {{realm: '{tokens.realm}', service: {SERVICE}, issuer: {ISSUER}, "
        auth += f"rootcertbundle: '{tokens.certificate}'}}}}"
        (folder / "registry").mkdir()
        with serve_registry(folder / "registry", auth=auth) as registry:
            yield tokens, registry


@pytest.fixture
def tokens(served: tuple[TokenServer, RunningRegistry]) -> TokenServer:
    served[0].granted.clear()
    served[0].methods.clear()
    served[0].stale, served[0].first_scope_only = 0, False
    return served[0]


@pytest.fixture
def real(served: tuple[TokenServer, RunningRegistry]) -> RunningRegistry:
    return served[1]


@pytest.fixture
def unique(store: Store, image: Image) -> Image:
    return image.append(build_layer([Entry.file("random", os.urandom(200_000))], store.blobs, compressor=None))


def known(tmp_path: Path, real: RunningRegistry, **entry: str) -> RegistryOptions:
    file = tmp_path / "auth.json"
    file.write_text(json.dumps({"auths": {real.host: entry}}))
    return RegistryOptions(Keychain((file,)))


@pytest.fixture
def ada(tmp_path: Path, real: RunningRegistry) -> RegistryOptions:
    return known(tmp_path, real, username="ada", password="s3cret-lace")


def name(real: RunningRegistry, rest: str) -> Reference:
    return Reference.parse(f"{real.host}/{rest}")


def test_one_token_serves_for_a_push(
    tokens: TokenServer, real: RunningRegistry, unique: Image, ada: RegistryOptions
) -> None:
    assert push(unique, name(real, "team/app:v1"), options=ada).uploaded == 5
    assert tokens.granted == [("ada", ["team/app:pull,push"])]
    assert real.damage("team/app", unique.digest) == []


def test_a_refresh_token_is_exchanged(
    tokens: TokenServer, real: RunningRegistry, unique: Image, tmp_path: Path
) -> None:
    push(unique, name(real, "team/refreshed:v1"), options=known(tmp_path, real, identitytoken="refresh-me"))
    assert tokens.methods == ["POST"]
    assert real.damage("team/refreshed", unique.digest) == []


@pytest.mark.parametrize("first_scope_only", [False, True])
def test_blobs_are_mounted_with_one_token_for_both_repositories(
    tokens: TokenServer, real: RunningRegistry, unique: Image, ada: RegistryOptions, first_scope_only: bool
) -> None:
    """Push comes first in the token: a server that reads one scope alone costs the mount, and no more."""
    source, target = f"mount/source{first_scope_only:d}", f"mount/target{first_scope_only:d}"
    tokens.first_scope_only = first_scope_only
    first, second = push_all(unique, [name(real, f"{source}:v1"), name(real, f"{target}:v1")], options=ada)
    assert first.uploaded == 5
    assert (second.uploaded, second.mounted) == ((5, 0) if first_scope_only else (0, 5))
    assert tokens.granted[1][1] == [f"{target}:pull,push", f"{source}:pull"][: 1 if first_scope_only else 2]
    assert real.damage(target, unique.digest) == []


@pytest.mark.parametrize("stale", [1, 2])
def test_a_token_that_is_over_is_renewed_once(
    tokens: TokenServer, real: RunningRegistry, unique: Image, ada: RegistryOptions, stale: int
) -> None:
    tokens.stale = stale
    target = name(real, f"team/stale{stale}:v1")
    if stale == 1:
        push(unique, target, options=ada)
        assert real.damage(target.repository, unique.digest) == []
    else:
        with pytest.raises(AuthenticationError, match="HTTP 401 Unauthorized"):
            push(unique, target, options=ada)
    assert len(tokens.granted) == 2


def test_anybody_may_pull_what_is_public(
    tokens: TokenServer, real: RunningRegistry, unique: Image, ada: RegistryOptions, tmp_path: Path
) -> None:
    push(unique, name(real, "public/base:v1"), options=ada)
    tokens.granted.clear()
    second = Store(tmp_path / "second")
    nobody = RegistryOptions(Keychain())
    pulled = resolve(name(real, "public/base:v1"), store=second, options=nobody)
    fetch_layers(pulled, second, options=nobody)
    assert pulled.digest == unique.digest
    assert {user for user, _ in tokens.granted} == {""}
    with pytest.raises(AuthenticationError, match="HTTP 401 Unauthorized: UNAUTHORIZED authentication required"):
        push(unique, name(real, "public/base:v2"), options=nobody)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"username": "ada", "password": "wrong-secret"}, "incorrect username or password"),
        ({"identitytoken": "wrong-secret"}, "invalid refresh token"),
    ],
)
def test_what_the_token_server_says_is_told(
    tokens: TokenServer, real: RunningRegistry, unique: Image, tmp_path: Path, entry: dict[str, str], says: str
) -> None:
    with pytest.raises(AuthenticationError, match=f"give a token for the configured credentials: .*{says}") as caught:
        push(unique, name(real, "team/refused:v1"), options=known(tmp_path, real, **entry))
    assert "wrong-secret" not in str(caught.value)
    assert tokens.granted == []


def test_who_may_not_push_is_told(
    tokens: TokenServer, real: RunningRegistry, unique: Image, ada: RegistryOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tokens.rights, "ada", {"": {"pull"}})
    with pytest.raises(AuthenticationError, match=f"refused to .*HTTP 401.*\n.*docker login {real.host}"):
        push(unique, name(real, "team/read-only:v1"), options=ada)
    assert real.digest_of("team/read-only", "v1") is None
