"""Commands and groups as all of `kfp` uses them: lazy, with options in sections and an example in the help."""
# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kfp.cli import terminal
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USAGE = 2
TERM_WIDTH = 30  # a longer option stands on a line of its own


@dataclass(frozen=True)
class Entry:
    """A subcommand that is not imported yet.

    Args:
        module: the module that defines it.
        name: its name in that module.
        summary: its line in the group's help.
    """

    module: str
    name: str
    summary: str


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    if examples:
        with formatter.section("Examples" if len(examples) > 1 else "Example"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class Formatter(click.HelpFormatter):
    """Help with bold headings, where the terminal shows them."""

    def write_heading(self, heading: str) -> None:
        """Write a section's heading."""
        self.write(f"{'':>{self.current_indent}}{click.style(heading + ':', bold=True)}\n")


class Context(click.Context):
    """The context of every command of `kfp`."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help shows its options in sections and ends with examples.

    Args:
        sections: heading → names of the parameters under it, in their order; what is named nowhere stands under
            "Options", which comes last unless it is among the headings.
        examples: command lines, as typed.
    """

    context_class = Context

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 click's own
        sections: Mapping[str, Sequence[str]] | None = None,
        examples: Sequence[str] = (),
        **settings: Any,  # noqa: ANN401 click's own
    ) -> None:
        super().__init__(*args, **settings)
        self.sections = dict(sections or {})
        self.examples = tuple(examples)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 click's own
        """Run the command.

        Raises:
            ReaderGone: nobody reads its output any more; of click's own accord that would count as a failure.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as gone:
            raise terminal.ReaderGone from gone

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings."""
        heading = {name: title for title, names in self.sections.items() for name in names}
        grouped: dict[str, list[tuple[str, str]]] = {title: [] for title in (*self.sections, "Options")}
        places = {name: place for place, name in enumerate(heading)}
        for parameter in sorted(self.get_params(ctx), key=lambda each: places.get(each.name or "", len(places))):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                grouped[heading.get(parameter.name or "", "Options")].append(record)
        lengths = [len(term) for records in grouped.values() for term, _ in records]
        column = max((length for length in lengths if length <= TERM_WIDTH), default=0)
        for title, records in grouped.items():
            if records:
                (term, text), *others = records
                with formatter.section(title):
                    formatter.write_dl([(term.ljust(column), text), *others], col_max=TERM_WIDTH)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        _write_examples(formatter, self.examples)


class Group(click.Group):
    """A group whose subcommands are imported when they are run.

    Args:
        entries: name → where the subcommand is.
        later: names of KFP's that this version does not have yet → what they need.
        aliases: other names of subcommands, which the help does not list → the names.
        examples: command lines, as typed.
    """

    context_class = Context

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 click's own
        entries: Mapping[str, Entry] | None = None,
        later: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        examples: Sequence[str] = (),
        **settings: Any,  # noqa: ANN401 click's own
    ) -> None:
        super().__init__(*args, **settings)
        self.entries = dict(entries or {})
        self.later = dict(later or {})
        self.aliases = dict(aliases or {})
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the group's own options; without any argument, show the help as a mistake of usage."""
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            terminal.log(ctx.get_help())
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands in the order they are declared in, lazy ones included."""
        return [*self.entries, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, importing its module."""
        cmd_name = self.aliases.get(cmd_name, cmd_name)
        entry = self.entries.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(importlib.import_module(entry.module), entry.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or say which is close or not there yet."""
        name = args[0]
        if name in self.later:
            raise SkiffError(f"`{ctx.command_path} {name}` is not available yet: {self.later[name]}")
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            raise click.UsageError(_unknown(name, self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands with their summaries, without importing those that are lazy."""
        rows = [
            (
                name,
                self.entries[name].summary
                if name in self.entries
                else self.commands[name].get_short_help_str(limit=90),
            )
            for name in self.list_commands(ctx)
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        _write_examples(formatter, self.examples)


def _unknown(name: str, known: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown command '{name}'" + (f", did you mean '{close[0]}'?" if close else "")
