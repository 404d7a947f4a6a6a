"""The `Authorization` header for each request to one registry, kept as long as it is good."""
# ruff: noqa: PLC0415 -- a registry that asks for nothing, and refuses nothing, needs none of it: start-up time

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kfp.images.distribution.transport import Transport

if TYPE_CHECKING:
    from kfp.images.distribution.auth import Credentials, Keychain
    from kfp.images.distribution.challenge import Challenge
    from kfp.images.distribution.refusal import Refusals
    from kfp.images.distribution.token import Token

Scopes = tuple[str, ...]


class Authorization:
    """Answers a registry's challenges; threads may share it.

    Credentials are looked up when the registry first asks for some, never for a registry that is open to all.

    Args:
        registry: host and port as in image names.
        keychain: where credentials are; None is the user's own.
        transport: reaches the token server.
    """

    def __init__(self, registry: str, keychain: Keychain | None, transport: Transport) -> None:
        self._registry = registry
        self._chosen_keychain = keychain
        self._transport = transport
        self._challenge: Challenge | None = None
        self._credentials: dict[str | None, Credentials | None] = {}
        self._tokens: dict[Scopes, Token] = {}
        self._challenged_scopes: dict[Scopes, Scopes] = {}
        self._lock = threading.RLock()

    @property
    def refusals(self) -> Refusals:
        """Makes errors that name the credential files and hide what is secret."""
        from kfp.images.distribution.refusal import Refusals

        with self._lock:
            secrets = [s for c in self._credentials.values() if c is not None for s in c.secrets]
            secrets += [token.value for token in self._tokens.values()]
            logged_in = any(credentials is not None for credentials in self._credentials.values())
        ordered = tuple(sorted(secrets, key=len, reverse=True))
        return Refusals(self._registry, self._keychain.places(), ordered, logged_in)

    def header(self, scopes: Scopes) -> str | None:
        """Return the header's value for a request, or None where the registry has not asked for any.

        Raises:
            AuthenticationError: credentials cannot be read, or the token server refuses them.
        """
        with self._lock:
            if self._challenge is None:
                return None
            token = self._tokens.get(scopes)
            if token is not None and time.monotonic() < token.expires:
                return f"Bearer {token.value}"
            return self._convince(self._challenge, scopes)

    def challenged(self, headers: Sequence[str], scopes: Scopes, used: str | None) -> str | None:
        """Take note of a 401 and return a header that may do better.

        Args:
            headers: the answer's `WWW-Authenticate` headers.
            scopes: what the request was for.
            used: the header that the request had.

        Returns:
            A new header, or None where there is nothing else to try.
        """
        challenge = _choose(headers)
        with self._lock:
            if challenge is None:
                return None
            self._challenge = challenge
            self._challenged_scopes[scopes] = challenge.scopes
            token = self._tokens.get(scopes)
            renewed_meanwhile = token is not None and used is not None and f"Bearer {token.value}" != used
            if token is not None and renewed_meanwhile:
                return f"Bearer {token.value}"
            self._tokens.pop(scopes, None)
            header = self._convince(challenge, scopes)
            return None if header == used and challenge.scheme == "basic" else header

    def note(self, headers: Sequence[str]) -> None:
        """Take note of the challenge that greets everybody, so that the first request need not fail."""
        challenge = _choose(headers)
        with self._lock:
            self._challenge = None if challenge is None else replace(challenge, parameters=_without_scope(challenge))

    @cached_property
    def _keychain(self) -> Keychain:
        from kfp.images.distribution.auth import Keychain

        return self._chosen_keychain or Keychain.default()

    def _convince(self, challenge: Challenge, scopes: Scopes) -> str | None:
        credentials = self._lookup(scopes)
        if challenge.scheme == "basic":
            return f"Basic {credentials.basic}" if credentials is not None and credentials.password else None
        if credentials is not None and credentials.registry_token:
            return f"Bearer {credentials.registry_token}"
        from kfp.images.distribution.token import fetch_token, merge_scopes

        wanted = merge_scopes(scopes, self._challenged_scopes.get(scopes, ()))
        token = fetch_token(self._transport, self.refusals, challenge, credentials, wanted)
        self._tokens[scopes] = token
        return f"Bearer {token.value}"

    def _lookup(self, scopes: Scopes) -> Credentials | None:
        repository = scopes[0].split(":")[1] if scopes and scopes[0].startswith("repository:") else None
        if repository not in self._credentials:
            self._credentials[repository] = self._keychain.lookup(self._registry, repository)
        return self._credentials[repository]


def _choose(headers: Sequence[str]) -> Challenge | None:
    if not headers:
        return None
    from kfp.images.distribution.challenge import parse_challenges

    by_scheme = {challenge.scheme: challenge for challenge in reversed(parse_challenges(headers))}
    return by_scheme.get("bearer") or by_scheme.get("basic")


def _without_scope(challenge: Challenge) -> dict[str, str]:
    return {name: value for name, value in challenge.parameters.items() if name != "scope"}
