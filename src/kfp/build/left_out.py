"""What stays out of images although nobody said so: what is of no use in one, and what looks like a secret."""

from __future__ import annotations

from typing import Final

from kfp.build.ignore import Ignore

USELESS: Final = (
    "**/__pycache__", "**/*.pyc", "**/.hg", "**/.svn", "**/.venv", "**/.tox", "**/.nox", "**/node_modules",
    "**/.ipynb_checkpoints", "**/.DS_Store", "**/.mypy_cache", "**/.pytest_cache", "**/.ruff_cache", "**/*.egg-info",
)  # fmt: skip
"""Left out silently, with virtual environments of any name."""

SECRETS: Final = (
    "**/.env", "**/.env.*", "!**/.env.example", "!**/.env.sample", "!**/.env.template",
    "**/*.pem", "**/*.key", "**/*.p12", "**/*.pfx", "**/id_rsa*", "**/id_ecdsa*", "**/id_ed25519*", "**/.ssh",
    "**/.netrc", "**/.pypirc", "**/.git", "**/.git-credentials", "**/.aws", "**/.docker/config.json",
)  # fmt: skip
"""Names of what holds secrets more often than not: left out, and told. `!name` in .dockerignore takes one in."""

_SERVICE_ACCOUNT: Final = (b'"service_account"', b'"private_key"')
_SERVICE_ACCOUNT_SIZES: Final = range(500, 20_000)
"""Bytes of a key file of a Google service account: a few thousand."""

useless: Final = Ignore.parse(USELESS)
secret: Final = Ignore.parse(SECRETS)


def is_service_account(path: str, size: int) -> bool:
    """Tells the key of a service account by what it holds, since such files have any name.

    Args:
        path: of a JSON file.
        size: in bytes; only files of a key's size are read.

    Raises:
        OSError: it cannot be read.
    """
    if size not in _SERVICE_ACCOUNT_SIZES:
        return False
    with open(path, "rb") as file:  # noqa: PTH123 (a Path for each of 10,000 files is slow)
        data = file.read()
    return all(part in data for part in _SERVICE_ACCOUNT)
