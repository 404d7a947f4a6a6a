"""Whole outputs of commands as files; what differs from run to run is replaced by its kind.

`KFP_UPDATE_SNAPSHOTS=1 pytest tests/cli` writes them again; read the difference before committing it.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from kfp.version import __version__
from tests.cli.conftest import Outcome

FOLDER = Path(__file__).with_name("snapshots")
PATTERNS = (
    (re.escape(__version__), "<version>"),
    (r"sha256:[0-9a-f]{64}", "sha256:<digest>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<run id>"),
    (r"`kfp run (\w+) [0-9a-f]{8}\b", r"`kfp run \1 <id>"),
    (r"^[0-9a-f]{8}(?=  )", "<run id>"),
    (r"(?<=\w-)[0-9a-f]{8}(?=\s)", "<id>"),  # the end of a run's name
    (r"\b[0-9a-f]{12}\b", "<short digest>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<time>"),
    (r"\d+(\.\d+)? (min \d+ )?s\b", "<seconds>"),
    (r"\d+(\.\d)? (B|kB|MB)\b", "<size>"),
    (r"\blinux/\w+\b", "<platform>"),
    (r"\b3\.\d+\.\d+\b", "<python>"),
    (r"^.*[ ][~^]+\n", ""),  # Python 3.11 and later mark the place in a traceback's line
    (r"\b\d+ files\b", "<count> files"),
)


def check(name: str, commands: Mapping[str, Outcome], paths: Mapping[Path, str]) -> None:
    """Compare outcomes with the snapshot of that name.

    Args:
        name: the file's name, without suffix.
        commands: command line → how it ended.
        paths: directory → what stands for it.
    """
    text = "\n".join(render(command, outcome, paths) for command, outcome in commands.items())
    file = FOLDER / f"{name}.txt"
    if os.environ.get("KFP_UPDATE_SNAPSHOTS") == "1":
        file.write_text(text, encoding="utf-8")
    expected = file.read_text(encoding="utf-8")
    difference = difflib.unified_diff(expected.splitlines(), text.splitlines(), file.name, "now", lineterm="")
    assert text == expected, "\n".join(difference)


def render(command: str, outcome: Outcome, paths: Mapping[Path, str]) -> str:
    streams = [("stdout", outcome.out), ("stderr", outcome.err)]
    told = "".join(f"--- {name}\n{normal(text, paths)}" for name, text in streams if text)
    return f"$ {command}\n{told}--- exit code {outcome.code}\n"


def normal(text: str, paths: Mapping[Path, str]) -> str:
    for path, word in paths.items():
        text = text.replace(str(path), word)
    for pattern, word in PATTERNS:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    # Columns are as wide as their contents, which differ: two spaces stand for any gap.
    return re.sub(r"(?<=\S) {2,}", "  ", text)
