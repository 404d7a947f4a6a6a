"""What a registry's refusal means: its own error message, bounded and cleaned, in an error of ours.

A registry's errors are JSON, `{"errors": [{"code", "message", "detail"}]}` (OCI distribution-spec 1.1, "Error codes").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from kfp.errors import AuthenticationError, RegistryError
from kfp.images.distribution.exchange import Answer
from kfp.images.distribution.retry import parse_retry_after
from kfp.images.reference import DEFAULT_REGISTRY

_LONGEST_TEXT = 300
_LONGEST_WAIT = 7 * 24 * 3600.0  # seconds; more is a point in time, which some write instead
_WINDOW = re.compile(r"\bw=(\d{1,7})\b")  # Docker Hub: `RateLimit-Limit: 100;w=21600`
_TOKENS = re.compile(
    r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}[\w.=-]*|(?<=[?&])[^\s=&]*(?:token|sig|credential)[^\s=&]*=[^\s&]+"
)


@dataclass(frozen=True)
class Refusals:
    """Makes errors of one registry's answers.

    Attributes:
        registry: host and port as in image names.
        credential_files: where credentials were looked for.
        secrets: texts that must not appear, wherever they come from.
        logged_in: whether credentials for the registry were found.
    """

    registry: str
    credential_files: str = "no file"
    secrets: tuple[str, ...] = ()
    logged_in: bool = False

    def error(self, answer: Answer, action: str) -> RegistryError:
        """Return the error for an answer that is not the wanted one.

        Args:
            answer: what the registry said.
            action: what it was asked for, to follow "refused to" or "failed to": `push the blob sha256:…`.
        """
        status = _describe_status(answer.status)
        if answer.is_web_page:
            return RegistryError(
                f"{self.registry} did not answer like a registry when asked to {action}: {status} with a web page",
                hint="check the registry's name and port, and whether a proxy or a login page stands before it",
            )
        said = self._own_words(answer)
        detail = f"{status}: {said}" if said else status
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return AuthenticationError(
                f"the registry {self.registry} refused to {action}: {detail}", hint=self.login_hint()
            )
        verb = "refused" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
        limited = answer.status == HTTPStatus.TOO_MANY_REQUESTS or said.upper().startswith("TOOMANYREQUESTS")
        hint = self._limit_hint(answer) if limited else _hint(answer)
        return RegistryError(f"the registry {self.registry} {verb} to {action}: {detail}", hint=hint)

    def login_hint(self) -> str:
        """Say where credentials were looked for and how to get some."""
        host = "" if self.registry == DEFAULT_REGISTRY else f" {self.registry}"
        return (
            f"credentials were looked for in {self.credential_files}; run `docker login{host}`,"
            " and check that the repository exists and that the account may use it"
        )

    def _limit_hint(self, answer: Answer) -> str:
        host = "" if self.registry == DEFAULT_REGISTRY else f" {self.registry}"
        wait = parse_retry_after(answer.headers.get("Retry-After"))
        window = _WINDOW.search(answer.headers.get("RateLimit-Limit", ""))
        if wait is not None and wait < _LONGEST_WAIT:
            when = f"in {wait:.0f} s"
        elif window is not None:
            when = f"later: it counts over {int(window.group(1)) / 3600:.3g} h"
        else:
            when = "later"
        who = "it counts per account; " if self.logged_in else f"an account may do more: run `docker login{host}`; or "
        return f"the registry limits how often it is asked; {who}try again {when}"

    def _own_words(self, answer: Answer) -> str:
        try:
            content = json.loads(answer.data) if answer.data else {}
        except (ValueError, RecursionError):
            return ""
        errors = content.get("errors") if isinstance(content, dict) else None
        parts = list(_messages(errors)) if isinstance(errors, list) else []
        if not parts and isinstance(content, dict):
            keys = ("error_description", "details", "message", "error")
            parts = [text for key in keys if isinstance(text := content.get(key), str) and text][:1]
        return clean("; ".join(parts), self.secrets)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Make a stranger's text fit for a message: one line, bounded, without control characters and secrets."""
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    text = _TOKENS.sub("[removed]", text[: 4 * _LONGEST_TEXT])
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _messages(errors: list[object]) -> Iterable[str]:
    for error in errors[:3]:
        if not isinstance(error, dict):
            continue
        code, message = error.get("code"), error.get("message")
        parts = [part for part in (code, message) if isinstance(part, str) and part]
        detail = error.get("detail")
        if isinstance(detail, str) and detail and detail not in parts:
            parts.append(detail)
        if parts:
            yield " ".join(parts)


def _describe_status(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _hint(answer: Answer) -> str | None:
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "the registry, or a proxy before it, limits the size of an upload"
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "the registry may be read-only"
    if answer.status == HTTPStatus.INSUFFICIENT_STORAGE:
        return "the registry has no space left"
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "try again; if it stays, look into the registry's log and at its disk space"
    return None
