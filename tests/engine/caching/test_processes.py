"""Whole runs in processes of their own: side by side, killed, and what they load."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.engine.records.store import Store
from kfp.ir.files import write
from tests.engine.documents import Pipeline

PROGRAM = """
import json, os, signal, sys
from pathlib import Path
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.ir.files import read
if sys.argv[3] == "killed":
    from kfp.engine.caching.cache import StepCache
    StepCache.put = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
settings = RunSettings(home=Path(sys.argv[2]), caching=sys.argv[3] != "off")
result = run(read(Path(sys.argv[1])), {"x": 3}, settings=settings)
task = result.tasks["make"]
(made,) = task.values.artifacts["out"]
print(json.dumps([task.cache["state"], result.outputs, Path(made.path).read_text(), sorted(sys.modules)]))
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path, pipeline = tmp_path / "p.yaml", Pipeline("p", {"x": int})
    source = "def make(x: int, out: Output[Dataset]) -> int:\n    open(out.path, 'w').write('made')\n    return x\n"
    pipeline.python(source, inputs={"x": int}, outputs={"Output": int}, artifacts_out=("out",))
    pipeline.task("make", inputs={"x": "$x"}, cachingOptions={"enableCache": True})
    pipeline.output("Output", int, "make.Output")
    write(pipeline.document(), path)
    return path


def start(document: Path, how: str = "on") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(document), str(document.parent / "home"), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[str, set[str]]:
    """How a run ended well: what the cache had, and the modules that it loaded."""
    out, _ = process.communicate()
    assert process.returncode == 0
    state, outputs, made, modules = json.loads(out)
    assert (outputs, made) == ({"Output": 3}, "made")
    return state, set(modules)


def test_runs_side_by_side(document: Path) -> None:
    processes = [start(document) for _ in range(4)]
    assert {ended(process)[0] for process in processes} <= {"hit", "miss"}
    assert ended(start(document))[0] == "hit"


def test_a_kill_between_success_and_cache_loses_no_more_than_the_entry(document: Path) -> None:
    killed = start(document, "killed")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    store = Store(document.parent / "home")
    (run,) = store.runs()
    (task,) = store.tasks(run.id)
    store.close()
    assert (task.path, task.state.value) == ("make", "SUCCEEDED")
    assert (task.cache or {})["state"] == "miss"
    assert [ended(start(document))[0] for _ in range(2)] == ["miss", "hit"]


def test_a_run_that_caches_loads_little_more(document: Path) -> None:
    _, without = ended(start(document, "off"))
    _, with_it = ended(start(document))
    assert {name for name in with_it - without if not name.startswith("kfp.engine.caching.")} == set()
