"""Pushes and pulls: lines in a pipe, a bar on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kfp.cli import transfer
from kfp.images.distribution.progress import TransferEvent, TransferState
from tests.cli.test_terminal import read_all

LAYER = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
CONFIG = "sha256:" + "ef" * 32

EVENTS = [
    TransferEvent(LAYER, "layer", 45_200_000, 0, TransferState.WAITING),
    TransferEvent(OTHER, "layer", 900, 0, TransferState.WAITING),
    TransferEvent(OTHER, "layer", 900, 900, TransferState.EXISTS),
    TransferEvent(LAYER, "layer", 45_200_000, 22_600_000, TransferState.TRANSFERRING),
    TransferEvent(LAYER, "layer", 45_200_000, 0, TransferState.RETRYING),
    TransferEvent(LAYER, "layer", 45_200_000, 45_200_000, TransferState.DONE),
    TransferEvent(CONFIG, "config", 1_500, 1_500, TransferState.MOUNTED),
]


def test_lines(capfd: pytest.CaptureFixture[str]) -> None:
    with transfer.shown("pushing localhost:5000/a:v1", "sent") as view:
        for event in EVENTS:
            view(event)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "pushing localhost:5000/a:v1",
        "  layer     cdcdcdcdcdcd      900 B  already there",
        "  layer     abababababab    45.2 MB  interrupted, once more",
        "  layer     abababababab    45.2 MB  sent",
        "  config    efefefefefef     1.5 kB  already there, in another repository",
    ]


@pytest.mark.parametrize("no_colour", [False, True])
def test_bar(no_colour: bool) -> None:
    program = (
        "from tests.cli.test_transfer import EVENTS; from kfp.cli import transfer\n"
        "with transfer.shown('pushing a:v1', 'sent') as view:\n"
        "    for event in EVENTS[:4]: view(event)\n"
        "    view.progress.refresh()\n"
    )
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    if no_colour:
        environment["NO_COLOR"] = "1"
    controller, terminal = os.openpty()
    subprocess.run([sys.executable, "-c", program], stderr=terminal, env=environment, check=True)
    os.close(terminal)
    seen = read_all(controller)
    assert "pushing a:v1" in seen
    assert "22.6/45.2 MB" in seen
    assert "1/2 layers" in seen
    assert ("\x1b[3" in seen) is not no_colour
