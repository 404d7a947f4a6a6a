"""From the user's files to a registry's door, the whole way."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from kfp.images import media_types
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.registry import Registry
from tests.images.distribution.conftest import QUICK
from tests.images.distribution.faulty_registry import FaultyRegistry, answer

DIGEST = "sha256:" + "0" * 64
ADA = base64.b64encode(b"ada:s3cret-lace").decode()


def enter(faulty: FaultyRegistry, keychain: Keychain) -> None:
    client = Registry(faulty.host, keychain, settings=QUICK)
    assert client.head_blob("team/app", DIGEST) is False
    client.transport.close()


def written(tmp_path: Path, content: object) -> Keychain:
    file = tmp_path / "auth.json"
    file.write_text(json.dumps(content))
    return Keychain((file,))


@pytest.mark.parametrize(
    "challenges",
    [
        'Basic realm="here", Bearer realm="http://{host}/token",service="tests"',
        "Negotiate, bearer Realm=http://{host}/token,SERVICE=tests",
        "BEARER scope=repository:team/app:pull,push,service=tests,realm=http://{host}/token",
    ],
)
def test_a_registry_that_offers_several_ways_gets_a_token(
    faulty: FaultyRegistry, tmp_path: Path, challenges: str
) -> None:
    faulty.auth = "bearer"
    faulty.fail("/v2/", answer(401, WWW_Authenticate=challenges.format(host=faulty.host)))
    enter(faulty, written(tmp_path, {"auths": {faulty.host: {"auth": ADA}}}))
    (asked,) = faulty.token_requests
    assert asked.headers["authorization"] == f"Basic {ADA}"
    assert asked.query["service"] == "tests"


def test_several_headers_are_several_ways(faulty: FaultyRegistry, tmp_path: Path) -> None:
    faulty.auth = "basic"
    faulty.fail("/v2/", answer(401, WWW_Authenticate="Negotiate", www_authenticate='Basic realm="here"'))
    enter(faulty, written(tmp_path, {"auths": {faulty.host: {"username": "ada", "password": "s3cret-lace"}}}))


@pytest.mark.parametrize("field", ["token", "access_token"])
def test_a_token_has_one_of_two_names(faulty: FaultyRegistry, field: str) -> None:
    faulty.auth = "bearer"
    faulty.tokens.add("let-me-in")
    faulty.fail("/token", answer(200, json.dumps({field: "let-me-in", "other": 1})))
    enter(faulty, Keychain())


@pytest.mark.parametrize("status", [404, 405, 401])
@pytest.mark.parametrize("entry", ["identitytoken", "<token>", "helper"])
def test_a_refresh_token_is_posted_and_else_given_by_get(
    faulty: FaultyRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, status: int
) -> None:
    """Wherever it comes from: docker's file, a user called <token>, a helper."""
    program = tmp_path / "bin" / "docker-credential-tests"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho \'{"Username": "<token>", "Secret": "refresh-me"}\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    auth = {
        "identitytoken": {"identitytoken": "refresh-me"},
        "<token>": {"username": "<token>", "password": "refresh-me"},
    }
    content = {"credHelpers": {faulty.host: "tests"}} if entry == "helper" else {"auths": {faulty.host: auth[entry]}}
    faulty.auth = "bearer"
    enter(faulty, written(tmp_path, content))
    assert [asked.method for asked in faulty.token_requests] == ["POST"]
    assert faulty.token_requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    faulty.users["<token>"] = "refresh-me"
    faulty.fail("POST /token", answer(status))
    enter(faulty, written(tmp_path, content))
    assert [asked.method for asked in faulty.token_requests[1:]] == ["GET"]


def test_a_ready_made_token_is_used_as_it_is(faulty: FaultyRegistry, tmp_path: Path) -> None:
    faulty.auth = "bearer"
    faulty.tokens.add("let-me-in")
    enter(faulty, written(tmp_path, {"auths": {faulty.host: {"registrytoken": "let-me-in"}}}))
    assert faulty.token_requests == []


def test_the_home_s_file_is_read_where_nothing_else_is_named(
    faulty: FaultyRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / ".docker" / "config.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"auths": {faulty.host: {"auth": ADA}}}))
    faulty.auth = "basic"
    enter(faulty, Keychain.default({}))


def test_both_families_are_asked_for(faulty: FaultyRegistry) -> None:
    client = Registry(faulty.host, Keychain(), settings=QUICK)
    client.head_manifest("team/app", "v1")
    client.transport.close()
    assert set(faulty.asked[-1].headers["accept"].split(", ")) == {
        media_types.OCI_MANIFEST,
        media_types.OCI_INDEX,
        media_types.DOCKER.manifest,
        media_types.DOCKER.index,
    }
