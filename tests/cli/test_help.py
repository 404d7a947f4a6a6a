"""The help teaches: every option that KFP users know is there, described, and every command shows an example."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from kfp.cli.app import root
from kfp.cli.command import Command, Group
from tests.cli.conftest import Kfp

UPSTREAM = {
    (): [
        "--show-completion", "--install-completion", "--endpoint", "--iap-client-id", "-n", "--namespace",
        "--other-client-id", "--other-client-secret", "--existing-token", "--output", "--version",
    ],
    ("component", "build"): [
        "--component-filepattern", "--engine", "--kfp-package-path", "--overwrite-dockerfile", "--build-image",
        "--no-build-image", "--platform", "--push-image", "--no-push-image",
    ],
    ("dsl", "compile"): [
        "--py", "--output", "--function", "--pipeline-parameters", "--disable-type-check",
        "--disable-execution-caching-by-default", "--kubernetes-manifest-format", "--pipeline-name",
        "--pipeline-display-name", "--pipeline-version-name", "--pipeline-version-display-name", "--namespace",
        "--include-pipeline-manifest",
    ],
    ("run", "create"): [
        "-e", "--experiment-name", "-r", "--run-name", "-f", "--package-file", "-p", "--pipeline-id", "-n",
        "--pipeline-name", "-w", "--watch", "-v", "--version", "-t", "--timeout",
    ],
    ("run", "list"): ["-e", "--experiment-id", "--page-token", "-m", "--max-size", "--sort-by", "--filter"],
    ("run", "get"): ["-w", "--watch", "-d", "--detail"],
    ("run", "archive"): [],
    ("run", "unarchive"): [],
    ("run", "delete"): [],
}  # fmt: skip


def commands(
    command: click.Command = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


ALL = dict(commands())


@pytest.mark.parametrize(("path", "names"), UPSTREAM.items(), ids=lambda value: " ".join(value[:2]) or "kfp")
def test_options_of_upstream_are_kept(path: tuple[str, ...], names: list[str]) -> None:
    options = {name for parameter in ALL[path].params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert set(names) <= options


@pytest.mark.parametrize(
    ("path", "command"), ALL.items(), ids=lambda value: " ".join(value) or "kfp" if isinstance(value, tuple) else ""
)
def test_help_describes_every_option(path: tuple[str, ...], command: click.Command, kfp: Kfp) -> None:
    outcome = kfp(*path, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: {' '.join(('kfp', *path))} ")
    assert max(map(len, outcome.out.splitlines()[:-8])) <= 80
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert parameter.hidden or parameter.opts[0] in outcome.out


@pytest.mark.parametrize(
    ("path", "command"),
    [(path, command) for path, command in ALL.items() if isinstance(command, Command)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_command_shows_an_example(path: tuple[str, ...], command: Command, kfp: Kfp) -> None:
    out = kfp(*path, "--help").out
    assert command.examples
    for example in command.examples:
        assert f"  {example}\n" in out
        assert example.replace("kfp --output json ", "kfp ").find(f"kfp {' '.join(path)}") >= 0


def test_sections_name_parameters_that_exist() -> None:
    for command in ALL.values():
        if isinstance(command, Command):
            named = {name for names in command.sections.values() for name in names}
            assert named <= {parameter.name for parameter in command.params}


def test_headings_are_bold_on_a_terminal_only() -> None:
    context = root.make_context("kfp", [], resilient_parsing=True)
    assert "\x1b[1mOptions:\x1b[0m" in root.get_help(context)
