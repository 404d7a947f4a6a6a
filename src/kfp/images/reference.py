"""References: the names of images, as people and tools of the container world write them.

Grammar: github.com/distribution/reference (`[registry/]repository[:tag][@digest]`). A first component is a
registry when it has a dot or a colon, when it is `localhost`, or when it has an upper-case letter; otherwise
the registry is docker.io, where a name of a single component lies under `library/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from kfp.errors import InvalidReference
from kfp.images import digest as digests

DEFAULT_REGISTRY: Final = "docker.io"
DEFAULT_TAG: Final = "latest"

_LIBRARY: Final = "library/"
_REPOSITORY_LIMIT: Final = 255
_LABEL: Final = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY: Final = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_COMPONENT: Final = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(f"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG: Final = re.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")
_DIGEST: Final = re.compile(digests.PATTERN)
_HEX: Final = re.compile("[a-f0-9]{64}")


@dataclass(frozen=True)
class Reference:
    """The name of an image; always valid, always complete.

    Attributes:
        registry: host and optional port; "docker.io" for Docker Hub.
        repository: path below the registry; Docker Hub's official images start with "library/".
        tag: None only when there is a digest.
        digest: "sha256:…" of the manifest or index, or None.

    Raises:
        InvalidReference: a part breaks the grammar, or tag and digest are both missing.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __post_init__(self) -> None:
        _must(_REGISTRY, self.registry, "registry", str(self))
        _must(_REPOSITORY, self.repository, "repository", str(self))
        if len(self.repository) > _REPOSITORY_LIMIT:
            raise InvalidReference(f"the repository of {self._short()!r} is longer than {_REPOSITORY_LIMIT} characters")
        if self.tag is not None:
            _must(_TAG, self.tag, "tag", str(self))
        if self.digest is not None:
            _must(_DIGEST, self.digest, "digest", str(self))
        if self.tag is None and self.digest is None:
            raise InvalidReference(f"{self._short()!r} has neither a tag nor a digest")

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference as a user writes it; without tag and digest the tag is `latest`.

        Raises:
            InvalidReference: the text breaks the grammar; the message names the part that does.
        """
        if not text:
            raise InvalidReference("an image name is empty", hint=_HINT)
        rest, at, digest = text.partition("@")
        first, slash, path = rest.partition("/")
        if slash and _is_registry(first):
            registry, rest = first, path
        else:
            registry = DEFAULT_REGISTRY
        repository, colon, tag = rest.partition(":")
        registry = DEFAULT_REGISTRY if registry in ("index.docker.io", "registry-1.docker.io") else registry
        if registry == DEFAULT_REGISTRY and "/" not in repository:
            if _HEX.fullmatch(repository):
                raise InvalidReference(f"{text!r} is an image ID, not a name", hint=_HINT)
            repository = _LIBRARY + repository
        try:
            return cls(
                registry,
                repository,
                tag if colon else None if at else DEFAULT_TAG,
                digest if at else None,
            )
        except InvalidReference as error:
            raise InvalidReference(error.message, hint=_hint(text)) from None

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{self._suffix()}"

    @property
    def familiar(self) -> str:
        """The short form that people write: without docker.io and library/."""
        if self.registry != DEFAULT_REGISTRY:
            return str(self)
        short = self.repository.removeprefix(_LIBRARY)
        first, slash, _ = short.partition("/")
        # A repository of Docker Hub such as docker.io/my.team/app would read as one of the registry my.team.
        return str(self) if slash and _is_registry(first) else short + self._suffix()

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def locator(self) -> str:
        """What a registry is asked for: the digest where there is one, else the tag."""
        return self.digest or self.tag or DEFAULT_TAG

    def with_tag(self, tag: str) -> Reference:
        """The same repository under another tag, without digest."""
        return replace(self, tag=tag, digest=None)

    def with_digest(self, digest: str) -> Reference:
        """The same name pinned to a digest; the tag stays, for people."""
        return replace(self, digest=digest)

    def _suffix(self) -> str:
        tag = "" if self.tag is None else f":{self.tag}"
        return tag if self.digest is None else f"{tag}@{self.digest}"

    def _short(self) -> str:
        text = str(self)
        return text if len(text) <= _SHORT else text[:_SHORT] + "…"


_SHORT: Final = 200
_HINT: Final = "an image name looks like registry.example.org/project/name:tag"


def _is_registry(first: str) -> bool:
    return "." in first or ":" in first or first == "localhost" or first != first.lower()


def _must(pattern: re.Pattern[str], value: str, part: str, whole: str) -> None:
    if pattern.fullmatch(value) is None:
        shown = whole if len(whole) <= _SHORT else whole[:_SHORT] + "…"
        raise InvalidReference(f"invalid image name {shown!r}: {value[:_SHORT]!r} is not a valid {part}", hint=_HINT)


def _hint(text: str) -> str:
    if "://" in text:
        return "leave out the scheme: " + _HINT
    if text != text.lower():
        return "repository names are lower case: " + _HINT
    return _HINT
