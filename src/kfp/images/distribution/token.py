"""Gets an access token from the server that a Bearer challenge names.

Sources: distribution "Docker Registry v2 authentication" (GET with scopes) and "OAuth2" (POST with a refresh token).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

from kfp.errors import RegistryError
from kfp.images.distribution.address import join_address
from kfp.images.distribution.auth import Credentials
from kfp.images.distribution.challenge import Challenge
from kfp.images.distribution.exchange import Answer, Request
from kfp.images.distribution.refusal import Refusals
from kfp.images.distribution.transport import Transport

_LARGEST_ANSWER = 1024 * 1024
_DEFAULT_LIFE = 60.0  # seconds; the specification's value where the server names none
_CLIENT = "skiff"
_NO_OAUTH = frozenset({401, 404, 405})  # what servers without the POST form are known to say


@dataclass(frozen=True)
class Token:
    """An access token.

    Attributes:
        value: what follows `Bearer`.
        expires: when it is used no longer, in seconds of `time.monotonic`, a little before its end.
    """

    value: str = field(repr=False)
    expires: float


def merge_scopes(wanted: Sequence[str], challenged: Iterable[str]) -> tuple[str, ...]:
    """Return the wanted scopes, then those of a challenge that they do not cover.

    The wanted ones come first because some token servers read only the first scope.
    """
    merged = list(wanted)
    for scope in challenged:
        resource, _, actions = scope.rpartition(":")
        if not any(_covers(known, resource, set(actions.split(","))) for known in merged):
            merged.append(scope)
    return tuple(merged)


def _covers(known: str, resource: str, actions: set[str]) -> bool:
    known_resource, _, known_actions = known.rpartition(":")
    return known_resource == resource and actions <= set(known_actions.split(","))


def fetch_token(
    transport: Transport,
    refusals: Refusals,
    challenge: Challenge,
    credentials: Credentials | None,
    scopes: Sequence[str],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Token:
    """Ask the token server for a token.

    Args:
        transport: the registry's.
        refusals: makes the errors.
        challenge: the Bearer challenge; its realm is where to ask.
        credentials: None asks as anybody, as public images need it too.
        scopes: what for, the most important first.
        clock: seconds, monotonic.

    Raises:
        AuthenticationError: the server refuses.
        RegistryUnreachable: the server cannot be reached.
        RegistryError: it answers nonsense.
    """
    realm = join_address(challenge.parameters.get("realm", ""), "")
    if not realm:
        raise RegistryError(f"the registry {refusals.registry} wants a token but does not say from where")
    service = challenge.parameters.get("service")
    asked = clock()
    answer: Answer | None = None
    if credentials is not None and credentials.identity_token:
        answer = transport.send(_post(realm, service, credentials.identity_token, scopes), limit=_LARGEST_ANSWER)
        if answer.status in _NO_OAUTH:
            fallback = Credentials(credentials.username or "<token>", credentials.identity_token)
            again = transport.send(_get(realm, service, fallback, scopes), limit=_LARGEST_ANSWER)
            answer = again if again.status == 200 or answer.status != 401 else answer  # noqa: PLR2004 (HTTP)
    if answer is None:
        answer = transport.send(_get(realm, service, credentials, scopes), limit=_LARGEST_ANSWER)
    if answer.status != 200:  # noqa: PLR2004 (HTTP)
        whose = "give a token to anybody" if credentials is None else "give a token for the configured credentials"
        raise refusals.error(answer, whose)
    return _read(answer, refusals, asked)


def _get(realm: str, service: str | None, credentials: Credentials | None, scopes: Sequence[str]) -> Request:
    query = [("service", service)] if service else []
    query += [("scope", scope) for scope in scopes]
    authorization = None
    if credentials is not None and credentials.username:
        query.append(("account", credentials.username))
        authorization = f"Basic {credentials.basic}"
    parts = urlsplit(realm)
    merged = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return Request("GET", urlunsplit(parts._replace(query=merged, fragment="")), authorization=authorization)


def _post(realm: str, service: str | None, refresh_token: str, scopes: Sequence[str]) -> Request:
    form = {"grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": refresh_token}
    if service:
        form["service"] = service
    if scopes:
        form["scope"] = " ".join(scopes)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request("POST", realm, headers=headers, body=urlencode(form).encode("ascii"))


def _read(answer: Answer, refusals: Refusals, asked: float) -> Token:
    try:
        content = json.loads(answer.data)
    except (ValueError, RecursionError):
        content = None
    values = [content.get(name) for name in ("token", "access_token")] if isinstance(content, dict) else []
    value = next((v for v in values if isinstance(v, str) and v), None)
    if value is None or not (value.isascii() and value.isprintable()):
        host = urlsplit(answer.request.url).netloc.rpartition("@")[2]
        raise RegistryError(f"the token server {host} of the registry {refusals.registry} gave no usable token")
    life = content.get("expires_in")
    usable = isinstance(life, (int, float)) and not isinstance(life, bool) and life > 0
    seconds = float(life) if usable else _DEFAULT_LIFE
    return Token(value, asked + seconds * 0.9)
