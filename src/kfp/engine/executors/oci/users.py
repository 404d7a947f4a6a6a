"""Who runs a container's command: a user's name or number, looked up in the image's passwd and group files."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kfp.errors import RunError

_HIGHEST = 2**31 - 1


class User(msgspec.Struct, frozen=True):
    """A user inside a container.

    Args:
        uid: their number.
        gid: their group's.
        groups: the other groups' numbers.
        home: their home directory.
    """

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = "/"


def find_user(text: str, passwd: str, group: str) -> User:
    """Return the user that an image's configuration or an option names.

    Args:
        text: `name`, `uid`, `name:group`, `uid:gid` or a mixture; "" is root.
        passwd: the image's /etc/passwd, "" where it has none.
        group: likewise /etc/group.

    Raises:
        RunError: the image knows no such user or group, or the number is too large.
    """
    who, _, which = text.partition(":")
    who = who or "0"
    known = next((line for line in _lines(passwd, 7) if line[0] == who), None)
    if known is None and who.isdecimal():
        known = next((line for line in _lines(passwd, 7) if line[2] == who), None)
    if known is None and not who.isdecimal():
        raise RunError(
            f"the image has no user {who!r}",
            hint="name one that its /etc/passwd has, or give a number such as 1000:1000",
        )
    uid = _number(known[2] if known else who)
    home = (known[5] if known else "") or "/"
    if which:
        return User(uid, _group(which, group), (), home)
    gid = _number(known[3]) if known else 0
    others = [_number(line[2]) for line in _lines(group, 4) if known and known[0] in line[3].split(",")]
    return User(uid, gid, tuple(dict.fromkeys(others)), home)


def find_groups(names: list[str], group: str) -> tuple[int, ...]:
    """Return the numbers of groups that are named, or numbered, one by one.

    Raises:
        RunError: the image knows no such group.
    """
    return tuple(_group(name, group) for name in names)


def _group(name: str, group: str) -> int:
    known = next((line for line in _lines(group, 4) if line[0] == name), None)
    if known is None and not name.isdecimal():
        raise RunError(f"the image has no group {name!r}", hint="name one that its /etc/group has, or give a number")
    return _number(known[2] if known else name)


def _lines(text: str, fields: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) >= fields and parts[2].isdecimal() and not line.startswith("#"):
            yield parts


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) <= len(str(_HIGHEST)) else _HIGHEST + 1
    if number > _HIGHEST:
        raise RunError(f"{text[:50]!r} is no number of a user or group")
    return number
