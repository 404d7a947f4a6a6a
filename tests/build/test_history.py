from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions
from kfp.build.explain import Explanation, explain
from kfp.build.history import KEPT, BuildRecord, History, LayerRecord, PlatformRecord
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, PYTHON, TARGET, Write, component, python_base
from tests.requirements.wheels import write_wheel

NAME = Reference.parse(TARGET)
RECORD = BuildRecord(
    first="2026-01-01T00:00:00Z",
    last="2026-01-01T00:00:00Z",
    count=1,
    version="1",
    directory="/src",
    base="base",
    digest="sha256:0",
    platforms=(
        PlatformRecord(
            "linux/amd64", "sha256:b", "sha256:i", {}, (LayerRecord("source", "1 file", "d", 5, {"a": "1"}),)
        ),
    ),
)


@pytest.fixture
def history(kfp_home: Path) -> History:
    return History(kfp_home / "cache" / "builds")


def built(folder: Path, store: Store, history: History) -> Explanation:
    build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
    newest, *older = history.read(NAME)
    return explain(newest, older[0] if older else None)


def told(explanation: Explanation) -> dict[str, list[str]]:
    (platform,) = explanation.platforms
    return {change.part: [str(each) for each in change.differences] for change in platform.parts if change.changed}


def test_each_part_tells_why_it_changed(source: Write, store: Store, wheels: Path, history: History) -> None:
    write_wheel(wheels, "tiny")
    write_wheel(wheels, "other")
    folder = source({"a.py": component(packages=("tiny",)), "b.py": "x = 1\n", "c.py": ""})
    first = built(folder, store, history)
    assert first.before is None

    source({"b.py": "x = 2\n", "d.py": ""})
    (folder / "c.py").unlink()
    assert told(built(folder, store, history)) == {"source": ["b.py changed", "c.py removed", "d.py added"]}

    write_wheel(wheels, "tiny", version="2.0")
    source({"a.py": component(packages=("tiny", "other"))})
    changes = told(built(folder, store, history))
    assert changes == {"packages": ["other added 1.0", "tiny 1.0 → 2.0"], "source": ["a.py changed"]}

    store.put(python_base({**PYTHON, "LANG": "C"}), Reference.parse(BASE))
    changes = told(built(folder, store, history))
    assert list(changes) == ["base", "settings"]
    assert changes["settings"] == ["env LANG added C"]
    assert changes["base"] == ["digest changed"]


def test_a_build_that_changes_nothing_is_counted(source: Write, store: Store, history: History) -> None:
    folder = source({"a.py": component()})
    for _ in range(3):
        built(folder, store, history)
    (only,) = history.read(NAME)
    assert only.count == 3


def test_platforms_come_and_go(source: Write, store: Store, history: History) -> None:
    folder = source({"a.py": component()})
    built(folder, store, history)
    arm = Platform("linux", "arm64")
    store.put(python_base(platform=arm), Reference.parse(BASE))
    made = build.plan(folder)
    build.build(made, store=store, options=BuildOptions(platforms=(arm,), push=False))
    newest, older = history.read(NAME)
    explanation = explain(newest, older)
    assert [(each.platform, each.new) for each in explanation.platforms] == [("linux/arm64", True)]
    assert explanation.gone == ("linux/amd64",)


def test_a_bounded_number_of_builds_is_kept(history: History) -> None:
    for number in range(KEPT + 3):
        history.add(NAME, replace(RECORD, digest=f"sha256:{number}"))
    assert [each.digest for each in history.read(NAME)] == [f"sha256:{n}" for n in range(KEPT + 2, 2, -1)]
    assert len(history.read(NAME, 2)) == 2


def test_what_went_into_a_layer_is_kept_once_and_as_long_as_a_build_has_it(history: History) -> None:
    def record(diff_id: str) -> BuildRecord:
        (platform,) = RECORD.platforms
        layer = replace(platform.layers[0], diff_id=f"sha256:{diff_id}", inputs={"a": diff_id})
        return replace(RECORD, digest=f"sha256:{diff_id}", platforms=(replace(platform, layers=(layer,)),))

    for diff_id in ("aa", "bb", "aa"):
        history.add(NAME, record(diff_id))
    assert [each.platforms[0].layers[0].inputs for each in history.read(NAME)] == [
        {"a": each} for each in ("aa", "bb", "aa")
    ]
    assert sorted(path.name for path in history.directory.glob("*/*")) == ["aa.json", "bb.json"]
    for number in range(KEPT):
        history.add(NAME, record(f"c{number}"))
    assert sorted(path.name for path in history.directory.glob("*/*")) == [f"c{number}.json" for number in range(KEPT)]
    next(history.directory.glob("*/c9.json")).unlink()
    assert [each.platforms[0].layers[0].inputs for each in history.read(NAME, 2)] == [{}, {"a": "c8"}]


def test_what_is_read_is_what_was_written(history: History) -> None:
    history.add(NAME, RECORD)
    assert history.read(NAME) == (RECORD,)
    assert history.read(Reference.parse("localhost/other:1")) == ()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"format": 1, "name": 5}', '{"format": 99}'])
def test_a_damaged_history_is_none(history: History, text: str) -> None:
    history.add(NAME, RECORD)
    (path,) = history.directory.glob("*.json")
    path.write_text(text)
    assert history.read(NAME) == ()
    history.add(NAME, RECORD)
    assert history.read(NAME) == (RECORD,)


def test_names_of_any_length_have_a_file(history: History) -> None:
    long = Reference.parse(f"localhost:5000/{'a/' * 100}b:{'t' * 128}")
    history.add(long, RECORD)
    history.add(NAME, replace(RECORD, count=7))
    assert history.read(long) == (RECORD,)


def test_a_history_that_cannot_be_written_ends_no_build(kfp_home: Path) -> None:
    (kfp_home / "cache").mkdir(parents=True)
    (kfp_home / "cache" / "builds").touch()
    history = History(kfp_home / "cache" / "builds")
    history.add(NAME, RECORD)
    assert history.read(NAME) == ()


def test_the_first_build_of_a_tag_is_compared_with_another_tag(history: History) -> None:
    one, two, other = (Reference.parse(f"localhost/app:{tag}") for tag in ("v1", "v2", "v3"))
    times = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)]
    for name, day in [(one, 0), (two, 1), (other, 3), (Reference.parse("localhost/app-two:v1"), 2)]:
        history.add(name, replace(RECORD, first=times[day], last=times[day], digest=f"sha256:{day}"))
    assert history.before(one) is None
    for name, before in [(two, one), (other, two)]:
        found = history.before(name)
        assert found is not None
        assert (found[0], found[1].digest) == (before, f"sha256:{0 if before == one else 1}")
    assert history.before(Reference.parse("localhost/absent:1")) is None
