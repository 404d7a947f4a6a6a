"""Amounts as task settings write them: cores, memory, durations."""

import re

from kfp.errors import AuthoringError

_CPU = re.compile(r"([0-9]*\.?[0-9]+)|([0-9]+)m")
_MEMORY = re.compile(r"([0-9]+)(E|Ei|P|Pi|T|Ti|G|Gi|M|Mi|K|Ki)?")
_COUNT = re.compile(r"[0-9]+")
_DURATION = re.compile(
    r"([0-9]+)\s*(s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|week|weeks)"
)
_BYTES = {
    "": 1,
    "K": 1000,
    "M": 1000**2,
    "G": 1000**3,
    "T": 1000**4,
    "P": 1000**5,
    "E": 1000**6,
    "Ki": 1024,
    "Mi": 1024**2,
    "Gi": 1024**3,
    "Ti": 1024**4,
    "Pi": 1024**5,
    "Ei": 1024**6,
}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def cores(text: str) -> float:
    """Give the cores that `0.5`, `2` or `500m` mean.

    Raises:
        AuthoringError: the text is none of these.
    """
    match = _CPU.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise AuthoringError("{!r} is not an amount of CPU".format(text), hint="write '2', '0.5' or '500m'")
    return float(match.group(1)) if match.group(1) else int(match.group(2)) / 1000


def gigabytes(text: str) -> float:
    """Give the memory in GB (10⁹ bytes) that `1G`, `512Mi` or a number of bytes means.

    Raises:
        AuthoringError: the text is none of these.
    """
    match = _MEMORY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise AuthoringError(
            "{!r} is not an amount of memory".format(text),
            hint="write a whole number and one of K, Ki, M, Mi, G, Gi, T, Ti, P, Pi, E, Ei, such as '512Mi'",
        )
    return int(match.group(1)) * _BYTES[match.group(2) or ""] / 1000**3


def count(text: str) -> int:
    """Give the whole number that a text such as `2` means.

    Raises:
        AuthoringError: the text is not one, or it is negative.
    """
    if not isinstance(text, str) or _COUNT.fullmatch(text) is None:
        raise AuthoringError("{!r} is not a number of accelerators".format(text), hint="write 0, 1, 2, …")
    return int(text)


def seconds(text: str) -> int:
    """Give the seconds that `30s`, `10 minutes` or `2h` mean.

    Raises:
        AuthoringError: the text is none of these.
    """
    match = _DURATION.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if match is None:
        raise AuthoringError(
            "{!r} is not a duration".format(text), hint="write a whole number and a unit, such as '30s', '10m' or '2h'"
        )
    return int(match.group(1)) * _SECONDS[match.group(2)[0]]
