"""Where packages come from: the component's indexes, the user's uv settings, and the user's pip settings.

uv does not read pip's configuration. KFP users have theirs in `PIP_*` variables, so each of these stands in for the
uv variable of the same meaning wherever that one is not set. Addresses travel in the environment, never on a command
line, for they may hold credentials.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s\"']+@")
_UV_TABLES = re.compile(rb"(?ms)^\s*\[+tool\.uv\b.*?(?=^\s*\[+(?!tool\.uv\b)[\w\"]|\Z)")
_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
_FILE_VARIABLES = ("UV_CONSTRAINT", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT", "UV_CONFIG_FILE")
_RESOLVING_VARIABLES = (
    *_INDEX_VARIABLES,
    "UV_FIND_LINKS",
    "PIP_NO_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
    "UV_EXCLUDE_NEWER",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
)


def redact(text: str) -> str:
    """Replaces the credentials in every URL of a text by `****`."""
    return _CREDENTIALS.sub("****@", text)


@dataclass(frozen=True)
class Indexes:
    """The package indexes of a component.

    Args:
        urls: the first replaces the default index, the others are searched as well (`pip_index_urls`).
        trusted_hosts: `host` or `host:port` whose certificates are not verified (`pip_trusted_hosts`).
        find_links: directories or pages with more wheels.
        only_links: search no index at all, only `find_links`.
    """

    urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    only_links: bool = False

    def environ(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """Gives the environment in which uv sees these indexes and the user's own settings.

        Args:
            environ: the environment to start from; None is this process's.
        """
        result = dict(os.environ if environ is None else environ)
        _adopt_pip_settings(result)
        if self.urls:
            for variable in _INDEX_VARIABLES:
                result.pop(variable, None)
            result.pop("PIP_NO_INDEX", None)
            result["UV_DEFAULT_INDEX"] = self.urls[0]
            result["UV_INDEX"] = " ".join(self.urls[1:])
        if self.trusted_hosts:
            result["UV_INSECURE_HOST"] = _joined(" ", result.get("UV_INSECURE_HOST"), *self.trusted_hosts)
        if self.find_links:
            result["UV_FIND_LINKS"] = _joined(",", result.get("UV_FIND_LINKS"), *self.find_links)
        if self.only_links:
            result["PIP_NO_INDEX"] = "1"
        if any(result.get(name) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL")):
            # pip takes the best version that any index has; components were written with that in mind. Of a single
            # index uv then would not tell that it refused the credentials.
            result.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
        return result

    def fingerprint(
        self, environ: Mapping[str, str] | None = None, *, directory: Path | None = None
    ) -> tuple[str, ...]:
        """Gives what decides about the outcome of a resolution, the contents of local directories included.

        Args:
            environ: as for `environ`.
            directory: where uv will look for its settings; None where it will find none but the user's own.
        """
        seen = self.environ(environ)
        settings = [f"{name}={seen[name]}" for name in _RESOLVING_VARIABLES if seen.get(name)]
        files = [path for name in _FILE_VARIABLES for path in seen.get(name, "").split()]
        own = (Path(seen.get("XDG_CONFIG_HOME") or Path(seen.get("HOME", "/"), ".config")), Path("/etc"))
        files += [str(folder / "uv" / "uv.toml") for folder in own]
        for folder in (directory, *directory.parents) if directory else ():
            files += [str(folder / name) for name in ("uv.toml", "pyproject.toml")]
        return (*settings, *_contents(files), *_local_wheels(seen.get("UV_FIND_LINKS", "")))

    def with_more(self, others: Indexes) -> Indexes:
        """Gives these indexes followed by others, none twice."""
        return Indexes(
            urls=tuple(dict.fromkeys((*self.urls, *others.urls))),
            trusted_hosts=tuple(dict.fromkeys((*self.trusted_hosts, *others.trusted_hosts))),
            find_links=tuple(dict.fromkeys((*self.find_links, *others.find_links))),
            only_links=self.only_links or others.only_links,
        )


def no_index(environ: Mapping[str, str]) -> bool:
    """Says whether only `find_links` may be searched; uv has an option for it, but no variable."""
    return environ.get("PIP_NO_INDEX", "").lower() in {"1", "true", "yes", "on"}


def _adopt_pip_settings(environ: dict[str, str]) -> None:
    if not any(environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")) and environ.get("PIP_INDEX_URL"):
        environ["UV_DEFAULT_INDEX"] = environ["PIP_INDEX_URL"]
    if not any(environ.get(name) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL")) and environ.get("PIP_EXTRA_INDEX_URL"):
        environ["UV_INDEX"] = " ".join(environ["PIP_EXTRA_INDEX_URL"].split())
    if not environ.get("UV_FIND_LINKS") and environ.get("PIP_FIND_LINKS"):
        environ["UV_FIND_LINKS"] = ",".join(environ["PIP_FIND_LINKS"].split())
    if not environ.get("UV_INSECURE_HOST") and environ.get("PIP_TRUSTED_HOST"):
        environ["UV_INSECURE_HOST"] = " ".join(environ["PIP_TRUSTED_HOST"].split())
    if not environ.get("SSL_CERT_FILE") and environ.get("PIP_CERT"):
        environ["SSL_CERT_FILE"] = environ["PIP_CERT"]


def _joined(separator: str, *parts: str | None) -> str:
    return separator.join(part for part in parts if part)


def _contents(files: Iterable[str]) -> Iterator[str]:
    for file in files:
        try:
            data = Path(file).read_bytes()
        except OSError:  # most are not there
            continue
        if file.endswith("pyproject.toml"):
            data = b"".join(_UV_TABLES.findall(data))
        if data:
            yield f"{file} {hashlib.sha256(data).hexdigest()}"


def _local_wheels(find_links: str) -> Iterator[str]:
    for place in filter(None, find_links.split(",")):
        directory = Path(place.removeprefix("file://"))
        if not directory.is_dir():
            continue
        for wheel in sorted((*directory.glob("*.whl"), *directory.glob("*.tar.gz"), *directory.glob("*.zip"))):
            status = wheel.stat()
            yield f"{wheel} {status.st_size} {status.st_mtime_ns}"
