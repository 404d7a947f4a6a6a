"""However a command ends, it ends with a sentence and the right number."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.cli import entry
from kfp.cli.app import root
from kfp.errors import BuildError
from kfp.version import __version__
from tests.cli.conftest import Kfp


def test_version(kfp: Kfp) -> None:
    outcome = kfp("--version")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"kfp {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "says", "hint"),
    [
        (["nope"], "error: unknown command 'nope'", "`kfp --help` shows the usage"),
        (["compnent"], "did you mean 'component'?", "`kfp --help` shows the usage"),
        (["component", "biuld"], "did you mean 'build'?", "`kfp component --help` shows the usage"),
        (["dsl", "compile"], "error: missing option '--py'", "`kfp dsl compile --help` shows the usage"),
        (["--output", "xml", "image", "list"], "'xml' is not one of", "`kfp --help` shows the usage"),
        (["component", "build", "/no/such/place"], "'/no/such/place' does not exist", "`kfp component build --help`"),
        (["run", "create"], "error: missing option '-f' / '--package-file'", "`kfp run create --help`"),
        (["image", "save", "x"], "missing option", "`kfp image save --help`"),
        (["dsl", "compile", "--py", __file__, "--output", "x.yaml", "--namespace", "n"], "--namespace: only", "hint:"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_usage(kfp: Kfp, arguments: list[str], says: str, hint: str) -> None:
    outcome = kfp(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    error, advice = outcome.err.splitlines()
    assert error.startswith("error: ")
    assert says in error
    assert not error.endswith(".")
    assert advice.startswith("hint: ")
    assert hint in advice


@pytest.mark.parametrize("group", [[], ["cache"], ["component"], ["dsl"], ["image"], ["run"]])
def test_a_group_alone_shows_its_help(kfp: Kfp, group: list[str]) -> None:
    outcome = kfp(*group)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == kfp(*group, "--help").out


@pytest.mark.parametrize("arguments", [["pipeline", "list"], ["experiment", "--help"], ["recurring-run", "get", "x"]])
def test_commands_that_need_a_cluster_say_so(kfp: Kfp, arguments: list[str]) -> None:
    outcome = kfp(*arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert "is not available yet: it needs the client of a KFP cluster" in outcome.err


@pytest.mark.parametrize("how", ["option", "environment"])
@pytest.mark.parametrize("command", [["create", "-f", __file__], ["list"], ["get", "some-run"]], ids=lambda it: it[0])
def test_an_endpoint_is_refused(kfp: Kfp, monkeypatch: pytest.MonkeyPatch, how: str, command: list[str]) -> None:
    if how == "environment":
        monkeypatch.setenv("KFP_ENDPOINT", "https://kfp.example")
    outcome = kfp(*(["--endpoint", "https://kfp.example"] if how == "option" else []), "run", *command)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(
        "error: runs on a cluster are not available yet, and the endpoint https://kfp.example is configured\nhint: "
    )


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, kfp: Kfp) -> Kfp:
    """A `kfp` whose root command raises what the test hands over as the only argument."""

    def call(failure: BaseException) -> object:
        def raising(*_arguments: object, **_settings: object) -> None:
            raise failure

        monkeypatch.setattr(root, "main", raising)
        return kfp()

    return call  # type: ignore[return-value] # the argument is an exception here


def test_our_errors_have_a_hint_and_no_traceback(failing: Kfp) -> None:
    outcome = failing(BuildError("it broke", hint="mend it"))
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "error: it broke\nhint: mend it\n")


def test_a_refused_file_is_named(failing: Kfp) -> None:
    outcome = failing(PermissionError(13, "Permission denied", "/etc/x"))
    assert (outcome.code, outcome.err) == (1, "error: /etc/x: permission denied\n")


def test_a_defect_apologises(failing: Kfp, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = failing(ZeroDivisionError("division by zero"))
    assert outcome.code == 1
    assert outcome.err == (
        "error: sorry, this is a defect of Skiff, not of your input: ZeroDivisionError: division by zero\n"
        "hint: please report it with what KFP_DEBUG=1 prints\n"
    )
    monkeypatch.setenv("KFP_DEBUG", "1")
    assert "Traceback (most recent call last)" in failing(ZeroDivisionError("division by zero")).err


@pytest.mark.parametrize(
    ("interrupt", "code", "word"), [(KeyboardInterrupt(), 130, "interrupted"), (entry.Terminated(), 143, "terminated")]
)
def test_interrupts(failing: Kfp, interrupt: KeyboardInterrupt, code: int, word: str) -> None:
    outcome = failing(interrupt)
    assert (outcome.code, outcome.err) == (code, word + "\n")


def test_an_interrupt_while_modules_load() -> None:
    program = (
        "import sys\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, *_rest):\n"
        "        if name == 'kfp.cli.entry':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "from kfp.cli import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "interrupted\n")


def test_sigterm_unwinds(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, time\n"
        "from kfp.cli import entry\n"
        "from kfp.cli.app import root\n"
        "def main(*_a, **_k):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        time.sleep(30)\n"
        "    finally:\n"
        "        open(sys.argv[1], 'w').close()\n"
        "root.main = main\n"
        "sys.exit(entry.run([]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "cleaned")], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, b"terminated\n")
    assert (tmp_path / "cleaned").exists()


MUCH = """
import sys
from kfp.cli import entry, image, terminal
image.image.get_command(None, "list").callback = lambda **_: [terminal.data("x" * 1000) for _ in range(1_000)]
sys.exit(entry.run(["image", "list"]))
"""


def test_a_reader_that_leaves_is_no_news() -> None:
    with subprocess.Popen([sys.executable, "-c", MUCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_an_output_that_is_full_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-c", MUCH], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: no space left on device\nhint: free some space")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_once(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    home = tmp_path / "user"
    monkeypatch.setenv("HOME", str(home))
    line = kfp("--show-completion", shell).out
    assert f"_KFP_COMPLETE={shell}_source kfp" in line
    first, second = (kfp("--install-completion", shell) for _ in range(2))
    assert (first.code, second.code, first.out, second.out) == (0, 0, "", "")
    (written,) = (path for path in home.rglob("*") if path.is_file())
    assert written.read_text() == line
    assert "already" in second.err


def test_completion_completes() -> None:
    environment = {**os.environ, "_KFP_COMPLETE": "bash_complete", "COMP_WORDS": "kfp im", "COMP_CWORD": "1"}
    program = [sys.executable, "-c", "import sys; sys.argv[0] = 'kfp'; from kfp.cli import main; main()"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["plain,image"]


def test_json_is_alone_on_stdout(kfp: Kfp) -> None:
    outcome = kfp("--output", "json", "image", "list")
    assert json.loads(outcome.out) == []
    assert outcome.err == ""
