from __future__ import annotations

import pytest

from kfp.engine.commands import PythonCommand, recognise
from kfp.engine.prologue import Installation, read_prologue

ARGS = ["--executor_input", "{{$}}", "--function_to_execute", "add"]
SOURCE = "\nimport kfp\nfrom kfp import dsl\n\ndef add(a: int) -> int:\n    return a\n"
PROGRAM = (
    'program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main    --component_module_path    "
    '"$program_path/ephemeral_component.py"    "$@"\n'
)
ENSURE = '\nif ! [ -x "$(command -v pip)" ]; then\n    python3 -m ensurepip || apt-get install python3-pip\nfi\n\n'
PIP = "PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location "
OWN = "python3 -m pip install --quiet 'kfp==2.17.0' '--no-deps' 'typing-extensions>=3.7.4,<5; python_version<\"3.9\"'"
RUN = ' && "$0" "$@"\n'


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["python3", "-m", "kfp.dsl.executor_main"], PythonCommand("add")),
        (["/usr/local/bin/python3.12", "-m", "kfp.dsl.executor_main"], PythonCommand("add")),
        (["python3", "-m", "kfp.components.executor_main"], PythonCommand("add")),
        (["python3", "-c", "import executor_main", SOURCE], PythonCommand("add", SOURCE)),
        (["sh", "-ec", PROGRAM, SOURCE], PythonCommand("add", SOURCE)),
        (["sh", "-c", ENSURE + PIP + OWN + RUN, "sh", "-ec", PROGRAM, SOURCE], PythonCommand("add", SOURCE)),
        (
            ["sh", "-c", PIP + "'numpy==2.0'" + RUN, "python3", "-c", "import executor_main", SOURCE],
            PythonCommand("add", SOURCE, Installation(("numpy==2.0",))),
        ),
    ],
)
def test_recognises_python_components(command: list[str], expected: PythonCommand) -> None:
    assert recognise(command, ARGS) == expected


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["echo", "hello"],
        ["python3", "train.py"],
        ["python3", "-c", "print(1)", SOURCE],
        ["sh", "-c", "apt-get install -y git", "python3", "-m", "kfp.dsl.executor_main"],
        ["sh", "-c", "echo no installation" + RUN, "python3", "-m", "kfp.dsl.executor_main"],
        ["sh", "-c", "echo 'unfinished", "python3", "-m", "kfp.dsl.executor_main"],
        ["sh", "-ec", PROGRAM, "def another(): ..."],
    ],
)
def test_leaves_other_commands_alone(command: list[str]) -> None:
    assert recognise(command, ARGS) is None


@pytest.mark.parametrize("args", [[], ["--executor_input", "{{$}}"], [*ARGS, "--more"], [*ARGS[:3], "a b"]])
def test_leaves_other_arguments_alone(args: list[str]) -> None:
    assert recognise(["python3", "-m", "kfp.dsl.executor_main"], args) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENSURE + PIP + "'pyyaml'  &&  " + OWN + RUN, Installation(("pyyaml",))),
        (
            PIP + "--index-url https://a/s --extra-index-url https://b/s"
            " --trusted-host a --trusted-host=b:80 'x' 'y'" + RUN,
            Installation(("x", "y"), ("https://a/s", "https://b/s"), ("a", "b:80")),
        ),
        (PIP + "'x[e]>=1,<2; python_version<\"3.12\"'" + RUN, Installation(('x[e]>=1,<2; python_version<"3.12"',))),
        (PIP + "'kfp==2.17.0' 'kfp-kubernetes' 'x'" + RUN, Installation(("kfp-kubernetes", "x"))),
        (PIP + "'pkg @ https://host/pkg.whl#sha256=00'" + RUN, Installation(("pkg @ https://host/pkg.whl#sha256=00",))),
        ("python3 -m pip --version \npython3 -m venv /v\n. /v/bin/activate\n\"$0\" \"$@\"\n", Installation()),
        (PIP + "\\\n  --upgrade \\\n  'x'\n\"$0\" \"$@\"", Installation(("x",))),
        (
            ENSURE + PIP + "'numpy'  &&  \nexport A=1\ntmp=$(mktemp -d)\npython3 -m venv \"$tmp/venv\"\n"
            '. "$tmp/venv/bin/activate"\n ' + OWN + RUN,
            Installation(("numpy",)),
        ),
    ],
)  # fmt: skip
def test_reads_what_a_prologue_installs(text: str, expected: Installation) -> None:
    assert read_prologue(text) == expected
