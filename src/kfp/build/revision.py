"""Which commit the source in an image is of, and where that commit can be had: what annotations and provenance say.

`.git` is read as files; `git` itself runs once for each commit and contents of the directory, to tell whether the two
are the same. Where it cannot tell, nothing is said: a revision that may be wrong is worse than none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from kfp.build.files import write_atomically
from kfp.build.source import GENERATED

if TYPE_CHECKING:
    from kfp.build.source import Context

_COMMIT: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_REF: Final = re.compile(r"ref: (refs/[^\0\s]+)")
_SECTION: Final = re.compile(r'\s*\[remote "([^"]*)"\]\s*$')
_URL: Final = re.compile(r"\s*url\s*=\s*(\S+)\s*$")
_SCP: Final = re.compile(r"(?:[\w.-]+@)?[\w.-]+:[^\s:/][^\s:]*")
_HOOKS_OWN: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git tells its hooks: a build that a hook starts asks about its own directory nevertheless."""
_ANSWER_SECONDS: Final = 30


@dataclass(frozen=True)
class Revision:
    """A commit.

    Args:
        commit: its hexadecimal digest.
        modified: whether a file of the image is not as the commit has it.
        source: the URL of the repository, without credentials; "" where it has none.
    """

    commit: str
    modified: bool
    source: str

    def __str__(self) -> str:
        return f"{self.commit}-dirty" if self.modified else self.commit

    @property
    def annotations(self) -> dict[str, str]:
        """What a manifest says of it (OCI image-spec, annotations.md)."""
        told = {"org.opencontainers.image.revision": str(self)}
        return {**told, "org.opencontainers.image.source": self.source} if self.source else told


def find_revision(context: Context, cache: Path) -> Revision | None:
    """Finds the commit of a component directory.

    Args:
        context: the files that go into the image; what else lies in the directory does not count.
        cache: a directory of this function's own.

    Returns:
        None where the directory is in no git repository, or git is not there or does not tell.
    """
    found = _Repository.around(context.directory.resolve())
    commit = found.head() if found else None
    if found is None or commit is None:
        return None
    identity = "\0".join((str(context.directory), commit, context.key))
    record = cache / f"{hashlib.sha256(identity.encode('utf-8', 'surrogateescape')).hexdigest()}.json"
    modified = _known(record)
    if modified is None:
        modified = _is_modified(context, found.root)
        if modified is None:
            return None
        with suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            write_atomically(record, json.dumps({"modified": modified}).encode())
    return Revision(commit, modified, found.source())


def public_url(url: str) -> str:
    """Gives a remote's URL as the world may see it: without credentials; "" for what is on this machine alone."""
    if "://" not in url and _SCP.fullmatch(url):  # as scp writes it
        return f"ssh://{url.replace(':', '/', 1)}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ssh", "git", "git+ssh", "git+https") or not parts.hostname:
        return ""
    user, has_user, host = parts.netloc.rpartition("@")
    keeps_user = has_user and parts.scheme.endswith("ssh") and ":" not in user
    return urlunsplit((parts.scheme, f"{user}@{host}" if keeps_user else host, parts.path, "", ""))


@dataclass(frozen=True)
class _Repository:
    """The files of a repository.

    Args:
        root: the work tree.
        own: of this work tree: `HEAD`.
        common: of all its work trees: branches and configuration.
    """

    root: Path
    own: Path
    common: Path

    @classmethod
    def around(cls, directory: Path) -> _Repository | None:
        for folder in (directory, *directory.parents):
            place = folder / ".git"
            if place.is_file():  # a work tree of its own, or a submodule
                pointer, _, target = _text(place).partition("gitdir:")
                place = folder / target.strip() if not pointer and target else place
            if place.is_dir():
                common = _text(place / "commondir").strip()
                return cls(folder, place, place / common if common else place)
        return None

    def head(self) -> str | None:
        text = _text(self.own / "HEAD").strip()
        branch = _REF.fullmatch(text)
        if branch is not None:
            name = branch[1]
            loose = next((found for base in (self.own, self.common) if (found := _text(base / name).strip())), "")
            text = loose or self._packed(name)
        return text if _COMMIT.fullmatch(text) else None

    def source(self) -> str:
        """Gives the URL of `origin`, else of the only remote."""
        urls: dict[str, str] = {}
        remote = ""
        for line in _text(self.common / "config").splitlines():
            if line.lstrip().startswith("["):
                section = _SECTION.match(line)
                remote = section[1] if section else ""
            elif remote and (url := _URL.match(line)):
                urls.setdefault(remote, url[1].strip('"'))
        chosen = urls.get("origin") or (next(iter(urls.values())) if len(urls) == 1 else "")
        return public_url(chosen)

    def _packed(self, name: str) -> str:
        lines = (line.split(" ") for line in _text(self.common / "packed-refs").splitlines())
        return next((line[0] for line in lines if line[1:] == [name]), "")


def _is_modified(context: Context, root: Path) -> bool | None:
    """Asks git whether the image's files are the commit's; None where it does not tell."""
    git = ["git", "-c", "core.fsmonitor=false", "-C", str(context.directory)]
    environ = {key: value for key, value in os.environ.items() if key not in _HOOKS_OWN}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    options = ("--porcelain=v1", "-z", "--untracked-files=all", "--ignored=matching", "--no-renames", "--", ".")
    told = _ask([*git, "status", *options], environ)
    if told is None:
        return None
    inside = context.directory.resolve().relative_to(root).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    files = {prefix + path for path in context.paths}
    generated = tuple(prefix + name for name in GENERATED)
    for line in filter(None, told.split("\0")):
        code, path = line[:2], line[3:]
        if path in files or ("D" in code and not path.startswith(generated)):
            return True
        if path.endswith("/") and any(file.startswith(path) for file in files):  # ignored as a whole
            return True
    return False


def _ask(command: list[str], environ: dict[str, str]) -> str | None:
    import subprocess  # noqa: PLC0415 (start-up: most builds know the answer)

    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_ANSWER_SECONDS, env=environ)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _known(record: Path) -> bool | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return bool(json.loads(record.read_text(encoding="utf-8"))["modified"])
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
