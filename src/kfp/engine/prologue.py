"""Reads the shell text with which a lightweight component installs its packages, without running a shell."""

from __future__ import annotations

import re
import shlex

import msgspec

_SEPARATORS = "();<>|&\n"
_WITH_VALUE = {
    "--index-url": "index",
    "-i": "index",
    "--extra-index-url": "index",
    "--trusted-host": "host",
    "--find-links": "",
    "-f": "",
    "--target": "",
    "-t": "",
    "--root-user-action": "",
    "--timeout": "",
    "--retries": "",
    "--cert": "",
    "--proxy": "",
    "--cache-dir": "",
    "--constraint": "",
    "-c": "",
}
_KFP = re.compile(r"kfp(?=$|[^A-Za-z0-9._-])", re.IGNORECASE)


class Installation(msgspec.Struct, frozen=True):
    """What a component installs when it starts.

    Args:
        requirements: as pip takes them, without kfp itself: the step has it.
        index_urls: package indexes, the main one first.
        trusted_hosts: hosts whose certificates are not checked.
    """

    requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()


def read_prologue(text: str) -> Installation | None:
    """Read a prologue.

    Args:
        text: the shell text; its last command is `"$0" "$@"`.

    Returns:
        What its `pip install` commands install, nothing where it makes an environment alone; None where the text is
        not such a prologue.
    """
    try:
        commands = _commands(text)
    except ValueError:
        return None
    if not commands or commands[-1] not in (["$0", "$@"], ["exec", "$0", "$@"]):
        return None
    requirements: dict[str, None] = {}
    indexes: dict[str, None] = {}
    hosts: dict[str, None] = {}
    found = False
    for command in commands:
        arguments = _pip_arguments(command)
        if arguments is None:
            found = found or command[1:3] == ["-m", "venv"]  # an environment for whatever the step installs itself
            continue
        found = True
        wanted, options = _options(arguments)
        if any(_KFP.match(each) for each in wanted) and "--no-deps" in arguments:
            continue  # the SDK installing itself and its few dependencies
        requirements.update(dict.fromkeys(each for each in wanted if not _KFP.match(each)))
        indexes.update(dict.fromkeys(value for kind, value in options if kind == "index"))
        hosts.update(dict.fromkeys(value for kind, value in options if kind == "host"))
    return Installation(tuple(requirements), tuple(indexes), tuple(hosts)) if found else None


def _commands(text: str) -> list[list[str]]:
    """Split shell text into simple commands of words, quotes removed."""
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars=_SEPARATORS)
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word and not word.strip(_SEPARATORS):
            commands.append([])
        else:
            commands[-1].append(word)
    return [command for command in commands if command]


def _pip_arguments(command: list[str]) -> list[str] | None:
    """Return what follows `pip install` in a command, None where it does not install."""
    for position in range(len(command) - 1):
        if command[position].rsplit("/", 1)[-1] in ("pip", "pip3") and command[position + 1] == "install":
            return command[position + 2 :]
    return None


def _options(arguments: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the requirements, and the options that matter as (kind, value)."""
    wanted: list[str] = []
    options: list[tuple[str, str]] = []
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            wanted.append(word)
            continue
        name, equals, value = word.partition("=")
        if name in _WITH_VALUE:
            options.append((_WITH_VALUE[name], value if equals else next(words, "")))
    return wanted, options
