from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from kfp.errors import AuthenticationError
from kfp.images.distribution.auth import Credentials, Keychain

SECRET = "s3cret-lace"
ADA = Credentials("ada", SECRET)
AUTH = base64.b64encode(f"ada:{SECRET}".encode()).decode()


def keychain(tmp_path: Path, content: object) -> Keychain:
    file = tmp_path / "config.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return Keychain((file,))


def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    program = tmp_path / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\nread server\necho \"$server\" >> '{tmp_path}/{name}.asked'\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://ghcr.io", "ghcr.io"),
        ("https://ghcr.io/v1/", "ghcr.io"),
        ("https://ghcr.io/v2/", "ghcr.io"),
        ("localhost:5000", "localhost:5000"),
        ("http://localhost:5000/", "localhost:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
    ],
)
def test_keys_are_found_as_tools_write_them(tmp_path: Path, key: str, registry: str) -> None:
    assert keychain(tmp_path, {"auths": {key: {"auth": AUTH}}}).lookup(registry) == ADA


@pytest.mark.parametrize("registry", ["ghcr.io", "localhost", "localhost:5001", "cr.io"])
def test_other_registries_get_nothing(tmp_path: Path, registry: str) -> None:
    assert keychain(tmp_path, {"auths": {"localhost:5000": {"auth": AUTH}}}).lookup(registry) is None


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"username": "ada", "password": SECRET}, ADA),
        ({"auth": AUTH, "identitytoken": "id-token"}, Credentials("ada", SECRET, identity_token="id-token")),
        ({"auth": base64.b64encode(b"ada:").decode(), "identitytoken": "t"}, Credentials("ada", identity_token="t")),
        ({"auth": base64.b64encode(b"<token>:t").decode()}, Credentials(identity_token="t")),
        ({"registrytoken": "bearer-me"}, Credentials(registry_token="bearer-me")),
        ({"auth": base64.b64encode(b"ada:pass:with:colons").decode()}, Credentials("ada", "pass:with:colons")),
        ({}, None),
        ({"auth": ""}, None),
    ],
)
def test_entries_are_read(tmp_path: Path, entry: dict[str, str], wanted: Credentials | None) -> None:
    assert keychain(tmp_path, {"auths": {"ghcr.io": entry}}).lookup("ghcr.io") == wanted


def test_the_longest_key_of_a_repository_counts(tmp_path: Path) -> None:
    def entry(user: str) -> dict[str, str]:
        return {"username": user, "password": SECRET}

    auths = {"ghcr.io": entry("all"), "ghcr.io/team": entry("team"), "ghcr.io/team/app": entry("app")}
    chain = keychain(tmp_path, {"auths": auths})
    found = [chain.lookup("ghcr.io", name) for name in ("team/app", "team/other", "else", None)]
    assert [f.username for f in found if f] == ["app", "team", "all", "all"]


def test_files_are_asked_in_order(tmp_path: Path) -> None:
    environ = {
        "DOCKER_CONFIG": str(tmp_path / "docker"),
        "REGISTRY_AUTH_FILE": str(tmp_path / "auth-file.json"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
    }
    files = [tmp_path / "docker/config.json", tmp_path / "auth-file.json", tmp_path / "run/containers/auth.json"]
    chain = Keychain.default(environ)
    assert chain.files == tuple(files)
    assert chain.lookup("ghcr.io") is None
    for user, file in zip(("third", "second", "first"), reversed(files), strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"auths": {"ghcr.io": {"username": user, "password": SECRET}}}))
        found = chain.lookup("ghcr.io")
        assert found is not None
        assert found.username == user


def test_a_helper_of_the_registry_comes_before_the_store_and_that_before_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own", "general"):
        helper(tmp_path, monkeypatch, name, f'echo \'{{"Username": "{name}", "Secret": "{SECRET}"}}\'')
    content = {"auths": {"ghcr.io": {"auth": AUTH}}, "credsStore": "general", "credHelpers": {"ghcr.io": "own"}}
    assert keychain(tmp_path, content).lookup("ghcr.io") == Credentials("own", SECRET)
    assert keychain(tmp_path, {**content, "credHelpers": {}}).lookup("ghcr.io") == Credentials("general", SECRET)
    assert keychain(tmp_path, {"auths": content["auths"]}).lookup("ghcr.io") == ADA
    assert (tmp_path / "own.asked").read_text() == "ghcr.io\n"


def test_a_helper_is_asked_for_docker_hub_by_its_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, monkeypatch, "hub", 'echo \'{"Username": "<token>", "Secret": "refresh-me"}\'')
    found = keychain(tmp_path, {"credsStore": "hub"}).lookup("docker.io")
    assert found == Credentials(identity_token="refresh-me")
    assert (tmp_path / "hub.asked").read_text() == "https://index.docker.io/v1/\n"


def test_a_store_without_the_registry_leaves_the_rest_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, "empty", "echo 'credentials not found in native keychain'; exit 1")
    assert keychain(tmp_path, {"auths": {"ghcr.io": {"auth": AUTH}}, "credsStore": "empty"}).lookup("ghcr.io") == ADA
    assert keychain(tmp_path, {"credsStore": "empty"}).lookup("ghcr.io") is None


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (f"echo {SECRET}; echo {SECRET} >&2; exit 3", "failed for ghcr.io with exit code 3"),
        (f"echo {SECRET}", "gave no user name and secret"),
        (f'echo \'{{"Secret": "{SECRET}"}}\'', "gave no user name and secret"),
    ],
)
def test_a_failing_helper_is_named_and_what_it_said_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    helper(tmp_path, monkeypatch, "bad", script)
    with pytest.raises(AuthenticationError, match=f"docker-credential-bad {complaint}") as caught:
        keychain(tmp_path, {"credHelpers": {"ghcr.io": "bad"}}).lookup("ghcr.io")
    assert str(tmp_path / "config.json") in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_missing_helper_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="docker-credential-not-there is not on PATH"):
        keychain(tmp_path, {"credsStore": "not-there"}).lookup("ghcr.io")


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "a b", ["list"]])
def test_a_helper_is_only_a_name(tmp_path: Path, name: object) -> None:
    with pytest.raises(AuthenticationError, match="helper"):
        keychain(tmp_path, {"credHelpers": {"ghcr.io": name}}).lookup("ghcr.io")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"auths": {\n"ghcr.io": }}', "line 2"),
        ("[]", "does not hold an object"),
        ('{"auths": []}', None),
        ('{"auths": [1]}', "auths is not an object"),
        ('{"auths": {"ghcr.io": 1}}', "is not an object"),
        (f'{{"auths": {{"ghcr.io": {{"auth": "{SECRET}"}}}}}}', "not the base64 form"),
        ('{"auths": {"ghcr.io": {"auth": 1}}}', "is not a text"),
        ('{"credsStore": 1}', "credsStore is not a text"),
        ("[" * 100_000, "not text"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, content: str, complaint: str | None) -> None:
    chain = keychain(tmp_path, content)
    if complaint is None:
        assert chain.lookup("ghcr.io") is None
        return
    with pytest.raises(AuthenticationError, match=complaint) as caught:
        chain.lookup("ghcr.io")
    assert str(tmp_path / "config.json") in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    assert keychain(tmp_path, "\n").lookup("ghcr.io") is None


def test_no_secret_shows() -> None:
    shown = repr(Credentials("ada", "one-secret", "two-secret", "three-secret"))
    assert "ada" in shown
    assert "secret" not in shown
