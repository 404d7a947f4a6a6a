"""Certificates that are kept for single registries, where container tools look for them.

A directory with the registry's name holds `*.crt`, authorities that vouch for it, and pairs `NAME.cert` and `NAME.key`,
by which a client proves who it is (dockerd, "certs.d"; containers-certs.d(5)).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from kfp.errors import RegistryError

_SYSTEM_PLACES = (Path("/etc/containers/certs.d"), Path("/etc/docker/certs.d"))
_OWN_PLACES = ("containers/certs.d", "docker/certs.d")


def default_places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where the user and the machine keep such directories."""
    try:
        configuration = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:  # a container's user without a home
        return _SYSTEM_PLACES
    return (*(configuration / place for place in _OWN_PLACES), *_SYSTEM_PLACES)


def directories_of(host: str, places: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the directories that are kept for a registry.

    Args:
        host: host and port, as in image names and addresses.
        places: where to look.
    """
    if not host or "/" in host or host.startswith("."):
        return ()
    return tuple(place / host for place in places if (place / host).is_dir())


def load_certificates(context: ssl.SSLContext, directories: tuple[Path, ...]) -> None:
    """Let a connection trust the authorities in directories, and prove itself with the client's certificates.

    Raises:
        RegistryError: a file cannot be used; the message names it.
    """
    for directory in directories:
        try:
            files = sorted(directory.iterdir())
        except OSError as error:
            raise RegistryError(f"{directory}: the certificates cannot be read: {error.strerror}") from error
        for file in files:
            if file.suffix == ".crt":
                _trust(context, file)
            elif file.suffix == ".cert":
                _prove(context, file)
            elif file.suffix == ".key" and not file.with_suffix(".cert").exists():
                raise RegistryError(f"{file}: the key has no certificate", hint=f"add {file.with_suffix('.cert')}")


def _trust(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise RegistryError(f"{file}: not a readable certificate: {_reason(error)}") from error


def _prove(context: ssl.SSLContext, file: Path) -> None:
    key = file.with_suffix(".key")
    if not key.exists():
        raise RegistryError(f"{file}: the certificate has no key", hint=f"add {key}")

    def refuse() -> str:
        raise RegistryError(f"{key}: the key has a password", hint="keep it without one, readable by its owner alone")

    try:
        context.load_cert_chain(file, key, refuse)
    except (OSError, ssl.SSLError) as error:
        raise RegistryError(f"{file}: not a readable certificate with its key: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return error.strerror or getattr(error, "reason", "") or type(error).__name__
