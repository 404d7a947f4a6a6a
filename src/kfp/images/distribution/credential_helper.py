"""Asks a credential helper, the programs `docker-credential-…` that keep secrets out of configuration files.

The protocol (docker-credential-helpers): the server's name on standard input, on standard output a JSON object with
`Username` and `Secret`; without credentials it fails and writes a well-known sentence.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from kfp.errors import AuthenticationError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NOT_FOUND = ("credentials not found", "no credentials server url", "no credentials username")
_TIMEOUT_SECONDS = 60.0


def ask_helper(name: str, server: str, *, named_in: Path, timeout: float = _TIMEOUT_SECONDS) -> tuple[str, str] | None:
    """Return what a helper keeps for a server.

    Args:
        name: the helper without its prefix, for example `ecr-login`.
        server: the registry as helpers know it: its host, or Docker Hub's URL.
        named_in: the file that names the helper, for error messages.
        timeout: seconds that the helper has.

    Returns:
        User name and secret, or None where the helper has nothing for that server.

    Raises:
        AuthenticationError: the helper is missing, fails or answers nonsense. What it wrote is not repeated: it may
            hold a secret.
    """
    if not _NAME.fullmatch(name):
        raise AuthenticationError(f"{named_in}: {name!r} is not the name of a credential helper")
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"], input=server.encode(), capture_output=True, timeout=timeout, check=False
        )
    except (FileNotFoundError, PermissionError):
        raise AuthenticationError(
            f"{named_in}: the credential helper {program} is not on PATH or cannot be run",
            hint=f"install {program}, or remove it from that file and run `docker login {server}`",
        ) from None
    except subprocess.TimeoutExpired:
        raise AuthenticationError(
            f"{named_in}: the credential helper {program} did not answer for {server} within {timeout:g} s"
        ) from None
    if done.returncode != 0:
        if any(sentence in done.stdout.decode(errors="replace").lower() for sentence in _NOT_FOUND):
            return None
        raise AuthenticationError(
            f"{named_in}: the credential helper {program} failed for {server} with exit code {done.returncode}",
            hint=f"try it: echo {server} | {program} get",
        )
    return _read_answer(done.stdout, f"{named_in}: the credential helper {program} gave no user name and secret")


def _read_answer(output: bytes, complaint: str) -> tuple[str, str] | None:
    try:
        answer = json.loads(output)
    except ValueError:
        raise AuthenticationError(complaint) from None
    username = answer.get("Username") if isinstance(answer, dict) else None
    secret = answer.get("Secret") if isinstance(answer, dict) else None
    if not isinstance(username, str) or not isinstance(secret, str):
        raise AuthenticationError(complaint)
    return (username, secret) if username or secret else None
