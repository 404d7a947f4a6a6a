"""`kfp cache`: what is kept, and what is forgotten."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kfp.engine.caching.contents import Content
from kfp.engine.caching.database import StepDatabase
from kfp.engine.caching.entry import Entry, Part
from kfp.engine.flow.values import Artifact, Values
from tests.cli.conftest import Kfp

DAY = 86_400
PIPELINE = """\
from kfp import dsl

@dsl.component
def add(a: int, b: int) -> int:
    return a + b

@dsl.pipeline
def adding(x: int) -> int:
    return add(a=x, b=1).output
"""


def entry(key: str, pipeline: str, task: str, *, days: float, hits: int = 0) -> Entry:
    when = time.time() - days * DAY
    return Entry(
        key * 64, pipeline, task, "c", "1a2b3c4d-0000", when, (Part("input x", "1", "3"), Part("code", "2")),
        Values({"n": 1}, {"out": (Artifact("out", "/out"),)}), {"out": (Content("d", 1500),)}, (), when, hits,
    )  # fmt: skip


@pytest.fixture
def database(kfp_home: Path) -> Path:
    """Three entries, in the cache that `kfp run` uses."""
    directory = kfp_home / "cache" / "steps"
    made = StepDatabase(directory)
    made.put([entry("a", "train", "fit", days=40), entry("b", "train", "score", days=2, hits=3)])
    made.put([entry("c", "serve", "fit", days=0.1)])
    made.close()
    return directory


def test_list(kfp: Kfp, database: Path) -> None:
    outcome = kfp("cache", "list")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["KEY", "PIPELINE", "TASK", "RUN", "ID", "SIZE", "HITS", "USED", "CREATED"],
        ["c" * 12, "serve", "fit", "1a2b3c4d", "1.5", "kB", "0", "-", "2", "h", "ago"],
        ["b" * 12, "train", "score", "1a2b3c4d", "1.5", "kB", "3", "2", "days", "ago", "2", "days", "ago"],
        ["a" * 12, "train", "fit", "1a2b3c4d", "1.5", "kB", "0", "-", "40", "days", "ago"],
    ]
    assert len(kfp("cache", "list", "--pipeline", "train").out.splitlines()) == 3
    few = kfp("cache", "list", "-m", "2")
    assert (len(few.out.splitlines()), few.err) == (3, "there are more: --max-size 20\n")


def test_list_as_json(kfp: Kfp, database: Path) -> None:
    first, *_ = json.loads(kfp("cache", "list", "--output", "json", "--cache-root", database).out)
    assert {name: first[name] for name in ("key", "pipeline", "task", "size", "hits", "inputs")} == {
        "key": "c" * 64, "pipeline": "serve", "task": "fit", "size": 1500, "hits": 0, "inputs": {"x": "3"},
    }  # fmt: skip
    assert first["outputs"]["parameters"] == {"n": 1}


def test_there_is_none_yet(kfp: Kfp, kfp_home: Path) -> None:
    assert json.loads(kfp("cache", "list", "--output", "json").out) == []
    assert kfp("cache", "clear").out == "forgot 0 steps\n"
    assert not kfp_home.exists(), "looking makes nothing"


@pytest.mark.parametrize(
    ("arguments", "forgotten"),
    [
        ([], "abc"),
        (["--pipeline", "train"], "ab"),
        (["--older-than", "7d"], "a"),
        (["--older-than", "1h"], "abc"),
        (["--pipeline", "serve", "--older-than", "1w"], ""),
        (["b"], "b"),
        (["a" * 20, "c"], "ac"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_clear(kfp: Kfp, database: Path, arguments: list[str], forgotten: str) -> None:
    count = f"{len(forgotten)} step{'s' * (len(forgotten) != 1)}\n"
    assert kfp("cache", "clear", *arguments, "--dry-run").out == f"would forget {count}"
    assert kfp("cache", "clear", *arguments).out == f"forgot {count}"
    left = {each["key"][0] for each in json.loads(kfp("cache", "list", "--output", "json").out)}
    assert left == set("abc") - set(forgotten)


def test_what_cannot_be_cleared(kfp: Kfp, database: Path) -> None:
    outcome = kfp("cache", "clear", "a", "x")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "error: the cache has no key x\nhint: `kfp cache list` shows the keys\n"
    assert len(json.loads(kfp("cache", "list", "--output", "json").out)) == 3
    wrong = kfp("cache", "clear", "--older-than", "soon")
    assert wrong.code == 2
    assert "'soon' is no span of time; write it as 30min, 12h or 7d" in wrong.err


def test_a_beginning_that_several_keys_have(kfp: Kfp, database: Path) -> None:
    made = StepDatabase(database)
    made.put([entry("ab", "train", "fit", days=1)])
    made.close()
    assert kfp("cache", "clear", "a").err == "error: several keys begin with a\nhint: give more of the key\n"


def test_who_deletes_a_run_is_told_who_took_its_outputs(
    kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(PIPELINE)
    assert kfp("dsl", "compile", "--py", "p.py", "--output", "p.yaml").code == 0
    for name in ("made", "taker"):
        assert kfp("run", "create", "-f", "p.yaml", "-r", name, "x=1").code == 0
    assert "note:" not in kfp("run", "delete", "--yes", "made", "taker").err
    assert kfp("run", "create", "-f", "p.yaml", "-r", "made", "x=2").code == 0
    taker = json.loads(kfp("run", "create", "-f", "p.yaml", "--output", "json", "x=2").out)["run_id"]
    told = f"note: outputs of made are those of run {taker[:8]}, too, which took them from the cache\n"
    assert kfp("run", "delete", "--yes", "made").err.startswith(told)


def test_a_run_uses_it(kfp: Kfp, kfp_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(PIPELINE)
    assert kfp("dsl", "compile", "--py", "p.py", "--output", "p.yaml").code == 0

    def cached(*options: str) -> tuple[str, str]:
        ran = json.loads(kfp("run", "create", "-f", "p.yaml", "--output", "json", *options, "x=1").out)
        assert ran["outputs"] == {"Output": 2}
        (task,) = json.loads(kfp("run", "get", "--detail", ran["run_id"]).out)["tasks"]
        return task["cache"]["state"], task["cache"]["reason"]

    assert cached() == ("miss", "never run before")
    state, reason = cached()
    assert (state, reason[:4]) == ("hit", "run ")
    assert cached("--no-cache") == ("off", "the run was started without the cache")
    (only,) = json.loads(kfp("cache", "list", "--output", "json").out)
    assert (only["pipeline"], only["task"], only["hits"]) == ("adding", "add", 1)
    assert kfp("cache", "clear", only["key"]).code == 0
    assert cached() == ("miss", "never run before")
