"""What a registry's `WWW-Authenticate` header asks for (RFC 9110, 11.6.1, as registries really write it).

    Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push", Basic realm=x

One header may hold several challenges, and there may be several headers; scheme and parameter names are
case-insensitive; values may be quoted (a scope has commas inside) or bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (the grammar's word for a bare name)
_ACTIONS = r"(?:,(?:pull|push|delete|\*)(?=[\s,]|$))*"  # a bare scope has its commas too
_PARAMETER = re.compile(rf'[\s,]*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*{_ACTIONS}))')
_SCHEME = re.compile(rf"[\s,]*({_TOKEN})(?=\s|,|$)")
_LONGEST_HEADER = 16 * 1024


@dataclass(frozen=True)
class Challenge:
    """One way in which the registry is ready to be convinced.

    Attributes:
        scheme: lower case, for example `bearer` or `basic`.
        parameters: by lower-case name; the last one of a repeated name counts.
    """

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a Bearer challenge names, for example `repository:a/b:pull,push`."""
        return tuple(self.parameters.get("scope", "").split())


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """Read the challenges of an answer's `WWW-Authenticate` headers.

    Args:
        headers: the values of all headers of that name, in order.

    Returns:
        The challenges in the order written. What cannot be read is left out: the caller falls back or reports that
        the registry offers nothing usable.
    """
    return tuple(challenge for header in headers for challenge in _parse(header[:_LONGEST_HEADER]))


def _parse(header: str) -> Iterable[Challenge]:
    position = 0
    while (scheme := _SCHEME.match(header, position)) is not None:
        position = scheme.end()
        parameters: dict[str, str] = {}
        while (parameter := _PARAMETER.match(header, position)) is not None:
            position = parameter.end()
            name, quoted, bare = parameter.groups()
            parameters[name.lower()] = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        yield Challenge(scheme.group(1).lower(), parameters)
