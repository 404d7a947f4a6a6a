"""Shell completion: the line that switches it on, and the file where it goes.

https://click.palletsprojects.com/en/stable/shell-completion/ describes the protocol.
"""

from __future__ import annotations

from pathlib import Path

from kfp.cli import terminal

_LINES = {
    "bash": 'eval "$(_KFP_COMPLETE=bash_source kfp)"',
    "zsh": 'eval "$(_KFP_COMPLETE=zsh_source kfp)"',
    "fish": "_KFP_COMPLETE=fish_source kfp | source",
}
_FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/completions/kfp.fish"}


def show(shell: str) -> None:
    """Print the line for `bash`, `zsh` or `fish`."""
    terminal.data(_LINES[shell])


def install(shell: str) -> None:
    """Add the line to the shell's start-up file, unless it is there.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path.home() / _FILES[shell]
    line = _LINES[shell]
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    if line in there.splitlines():
        terminal.log(f"completion for {shell} is already in {path}")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(("" if there.endswith("\n") or not there else "\n") + line + "\n")
    terminal.log(f"completion for {shell} added to {path}; it works in new shells")
