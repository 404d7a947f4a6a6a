"""The `kfp` command: parse, call, print.

The commands are thin. Each lives in the file of its group (`component.py`, `dsl.py`, `image.py`, `cache.py`; those of
`kfp run` in `runs/`), asks the rooms below for the work, and hands what comes back to a renderer. Nothing heavier than
click is imported before a command runs: `kfp --help` must answer at once.
"""
# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations


def main() -> None:
    """Run the command line with the process's arguments and exit with its code."""
    import sys

    try:
        from kfp.cli.entry import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before it can be told better: while modules load
        print("interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)
