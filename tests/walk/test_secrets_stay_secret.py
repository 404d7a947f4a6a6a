"""No password or token shows anywhere, in whatever way an authentication fails: a table of ways."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from kfp.errors import SkiffError
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import make_image
from tests.parts.telltale import Answering, Said, Seen, Telltale, path_of, telltale

PASSWORD = "Marker7/pass word+x"  # spelled differently in a URL, a form and in base64
TOKEN = "Marker7.access/token+x"
AUTH = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()


def spellings() -> set[str]:
    """What must not be found: each secret as it is, in URLs, forms, JSON and base64, and the beginning of it."""
    plain = {PASSWORD, TOKEN, f"ada:{PASSWORD}", f"<token>:{PASSWORD}"}
    encoded = {base64.b64encode(text.encode()).decode() for text in plain}
    return {AUTH, "Marker7", *encoded, *(quote(text, safe="") for text in encoded), *map(quote_plus, plain)}


def entry(**fields: str) -> Callable[[str], dict[str, Any]]:
    """A configuration with an entry for the registry."""
    return lambda host: {"auths": {host: fields}}


def helped(host: str) -> dict[str, Any]:
    return {"credHelpers": {host: "marked"}}


def basic(_: Telltale, seen: Seen) -> Said:
    """Let nobody in, by password."""
    return Said(401, {"WWW-Authenticate": 'Basic realm="telltale"'})


def forbidden(server: Telltale, seen: Seen) -> Said:
    """Recognise everybody and allow nothing."""
    return basic(server, seen) if not seen.authorization else Said(403)


def failing(server: Telltale, seen: Seen) -> Said:
    """Fail for everybody who is recognised."""
    return basic(server, seen) if not seen.authorization else Said(500)


def bearer(realm: str, token: Callable[[Seen], Said], resource: Callable[[Seen], Said]) -> Answering:
    """Want tokens, from a place of its own."""

    def answer(server: Telltale, seen: Seen) -> Said:
        if path_of(seen) == "/token":
            return token(seen)
        if seen.authorization.startswith("Bearer "):
            return resource(seen)
        challenge = f'Bearer realm="{realm.format(host=server.host)}",service="s",scope="repository:a/b:pull,push"'
        return Said(401, {"WWW-Authenticate": challenge})

    return answer


HERE = "http://{host}/token"
WITH_PASSWORD = f"http://ada:{quote(PASSWORD, safe='')}@{{host}}/token?signature={quote(PASSWORD, safe='')}"
AWAY = f"http://ada:{quote(PASSWORD, safe='')}@127.0.0.1:1/token"
GRANTED = json.dumps({"token": TOKEN}).encode()


def refuse(_: Seen) -> Said:
    return Said(401)


def grant(_: Seen) -> Said:
    return Said(200, body=GRANTED)


def no_oauth(seen: Seen) -> Said:
    return Said(404 if seen.method == "POST" else 401)


def elsewhere(_: Seen) -> Said:
    return Said(307, {"Location": f"http://ada:{quote(PASSWORD, safe='')}@127.0.0.1:1/x?token={quote(TOKEN, safe='')}"})


@dataclass(frozen=True)
class Way:
    """How an authentication fails.

    Attributes:
        config: the user's configuration, given the registry's name; a text is written as it is.
        answer: what the registry says.
        helper: the script of `docker-credential-marked`.
        environment: of the command.
    """

    config: Callable[[str], Any]
    answer: Answering = basic
    helper: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


PLAIN = entry(auth=AUTH)
IDENTITY = entry(auth=base64.b64encode(b"ada:").decode(), identitytoken=PASSWORD)
WAYS = {
    "password refused": Way(PLAIN),
    "username and password refused": Way(entry(username="ada", password=PASSWORD)),
    "password forbidden": Way(PLAIN, forbidden),
    "server fails": Way(PLAIN, failing),
    "token server refuses the password": Way(PLAIN, bearer(HERE, refuse, refuse)),
    "token server answers nonsense": Way(PLAIN, bearer(HERE, lambda s: Said(200, body=s.told().encode()), refuse)),
    "token server answers a list": Way(
        PLAIN, bearer(HERE, lambda s: Said(200, body=json.dumps([s.told()]).encode()), refuse)
    ),
    "token server gives a token with a line end": Way(
        PLAIN, bearer(HERE, lambda s: Said(200, body=json.dumps({"token": PASSWORD + "\n"}).encode()), refuse)
    ),
    "token server is away": Way(PLAIN, bearer(AWAY, refuse, refuse)),
    "token server's address has a password": Way(PLAIN, bearer(WITH_PASSWORD, refuse, refuse)),
    "token refused": Way(PLAIN, bearer(HERE, grant, refuse)),
    "token forbidden": Way(PLAIN, bearer(HERE, grant, lambda s: Said(403))),
    "token refused, server fails": Way(PLAIN, bearer(HERE, grant, lambda s: Said(500))),
    "refresh token refused": Way(IDENTITY, bearer(HERE, lambda s: Said(400), refuse)),
    "refresh token refused both ways": Way(IDENTITY, bearer(HERE, no_oauth, refuse)),
    "ready-made token refused": Way(entry(registrytoken=PASSWORD), bearer(HERE, refuse, refuse)),
    "redirected with secrets": Way(PLAIN, bearer(HERE, grant, elsewhere)),
    "redirected without end": Way(PLAIN, bearer(HERE, grant, lambda s: Said(307, {"Location": f"{s.path}?t={TOKEN}"}))),
    "helper fails": Way(helped, helper=f'echo "{PASSWORD}"; echo "{PASSWORD}" >&2; exit 1'),
    "helper answers nonsense": Way(helped, helper=f'echo "{PASSWORD}"'),
    "helper answers half": Way(helped, helper=f'echo \'{{"Secret": "{PASSWORD}"}}\''),
    "helper's password refused": Way(helped, helper=f'echo \'{{"Username": "ada", "Secret": "{PASSWORD}"}}\''),
    "helper's token refused": Way(
        helped,
        bearer(HERE, lambda s: Said(400), refuse),
        helper=f'echo \'{{"Username": "<token>", "Secret": "{PASSWORD}"}}\'',
    ),
    "configuration is no JSON": Way(lambda host: f'{{"auths": {{"{host}": {{"password": "{PASSWORD}" "x"}}}}}}'),
    "auth is no base64": Way(entry(auth=PASSWORD)),
    "auth is no pair": Way(entry(auth=base64.b64encode(PASSWORD.encode()).decode())),
    "auth is no text": Way(lambda host: {"auths": {host: {"auth": [PASSWORD]}}}),
    "entry is no object": Way(lambda host: {"auths": {host: PASSWORD}}),
    "credsStore is no text": Way(lambda host: {"credsStore": [PASSWORD]}),
    "proxy refuses": Way(
        PLAIN,
        environment={"HTTP_PROXY": AWAY, "NO_PROXY": ""},
    ),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


@pytest.fixture
def registry(way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telltale]:
    """A registry that fails in this way, and a user who is configured for it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker-credential-marked").write_text(f"#!/bin/sh\nread server\n{way.helper}\n")
    (programs / "docker-credential-marked").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in way.environment.items():
        monkeypatch.setenv(name, value)
    with telltale(way.answer) as server:
        config = way.config(server.host)
        text = config if isinstance(config, str) else json.dumps(config)
        (Path(os.environ["DOCKER_CONFIG"]) / "config.json").write_text(text)
        yield server


PROMPT = RegistryOptions(settings=Settings(retry=Retry(attempts=2, first_delay=0.01)))


def found_in(text: str) -> list[str]:
    """The secrets that a text shows, with what stands around them."""
    return [text[max(0, place - 80) : place + 80] for secret in spellings() if (place := text.find(secret)) >= 0]


def test_errors_show_no_secret(registry: Telltale, tmp_path: Path) -> None:
    store = Store(tmp_path / "images")
    events: list[object] = []
    keychain = Keychain.default()
    with pytest.raises(SkiffError) as caught:
        push(
            make_image(store), Reference.parse(f"{registry.host}/a/b:v1"),
            keychain=keychain, progress=events.append, options=PROMPT,
        )  # fmt: skip
    error: BaseException | None = caught.value
    texts = ["".join(traceback.format_exception(caught.value)), *map(repr, events), repr(keychain)]
    while error is not None:
        texts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert found_in("\n".join(texts)) == []


@pytest.mark.parametrize("way", [way for way in WAYS if "fail" not in way and "redirected" not in way], indirect=True)
def test_the_command_shows_no_secret(
    registry: Telltale, tmp_path: Path, kfp_home: Path, request: pytest.FixtureRequest
) -> None:
    """Each way once, with tables and JSON by turns, and always with the traceback."""
    form = ("table", "json")[list(WAYS).index(request.node.callspec.params["way"]) % 2]
    name = f"{registry.host}/a/b:v1"
    store = Store(kfp_home / "images")
    store.put(make_image(store), Reference.parse("localhost/base:1"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src/c.py").write_text(
        "from kfp import dsl\n\n"
        f"@dsl.component(base_image='localhost/base:1', target_image={name!r})\ndef f(a: int) -> int:\n    return a\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "kfp.cli", "--output", form, "component", "build", "src"],
        cwd=tmp_path, env={**os.environ, "KFP_DEBUG": "1"}, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "error: " in done.stderr
    assert "defect" not in done.stderr
    assert found_in(done.stdout + done.stderr) == []
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name not in ("docker-config", "bin")]
    for path in kept:
        assert found_in(path.read_bytes().decode(errors="replace")) == [], path
