"""Requirements that exclude each other: both sides are named, and nothing is called a conflict that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from kfp.errors import RequirementsError
from kfp.requirements import Requirement, Target, lock
from kfp.requirements.conflicts import check_agreement
from tests.requirements.wheels import write_wheel

TARGET = Target("3.9")


def both(one: str, other: str) -> list[Requirement]:
    return [Requirement(one, "component train in a.py:3"), Requirement(other, "component eval in b.py:9")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("numpy==1.26", "numpy==2.0"),
        ("numpy==1.26.*", "NumPy>=2"),
        ("numpy<2", "numpy>=2"),
        ("numpy[a]>2.1", "numpy<=2.1"),
        ("numpy~=1.4.2", "numpy~=1.5.0"),
        ("x @ https://host/x-1-py3-none-any.whl", "x @ https://host/x-2-py3-none-any.whl"),
    ],
)
def test_both_sides_are_told_before_anything_is_looked_up(one: str, other: str) -> None:
    with pytest.raises(RequirementsError) as raised:
        check_agreement(both(one, other), TARGET)
    assert f"{one} (component train in a.py:3) and {other} (component eval in b.py:9)" in raised.value.message
    assert "target images of their own" in str(raised.value.hint)


def test_a_component_that_contradicts_itself() -> None:
    with pytest.raises(RequirementsError) as raised:
        check_agreement([Requirement("x==1", "component a"), Requirement("x==2", "component a")], TARGET)
    assert raised.value.hint == "choose versions that agree"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("numpy>1.0", "numpy<1.0.1"),
        ("numpy>=2", "numpy<3"),
        ("numpy==2.0 ; python_version < '3.8'", "numpy==1.0"),
        ("numpy==1.0", "numpy==1.0.0"),
        ("numpy>=1,!=1,!=1.0.1", "numpy<1.1"),
        ("numpy>1.0a1", "numpy<1.0a3"),
        ("numpy===odd", "numpy"),
        ("torch==2.0", "torch==2.0+cpu"),
        ("numpy", "pandas"),
        ("git+https://host/x", "./lib"),
    ],
)
def test_what_agrees(one: str, other: str) -> None:
    check_agreement(both(one, other), TARGET)


NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.one_of(
    st.tuples(st.sampled_from(["==", ">=", "<=", ">", "<", "!="]), NUMBERS).map("".join),
    NUMBERS.map(lambda number: f"=={number}.*"),
    NUMBERS.map(lambda number: f"~={number}.1"),
)
SETS = st.lists(CLAUSES, min_size=1, max_size=3).map(",".join)


@given(one=SETS, other=SETS, version=st.one_of(NUMBERS, NUMBERS.map(lambda number: f"{number}.post1")))
def test_what_a_version_satisfies_is_no_conflict(one: str, other: str, version: str) -> None:
    if SpecifierSet(f"{one},{other}").contains(version, prereleases=True):
        check_agreement(both(f"x{one}", f"x{other}"), TARGET)


def test_what_only_uv_can_find(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "app", requires=("tiny>=2",))
    write_wheel(wheels, "tiny", "1.0")
    write_wheel(wheels, "tiny", "2.0")
    write_wheel(wheels, "other")
    with pytest.raises(RequirementsError) as raised:
        lock([*both("app", "tiny==1.0"), Requirement("other", "requirements.txt:1")], TARGET, cache=tmp_path / "locks")
    for words in ("app (component train in a.py:3)", "tiny==1.0 (component eval in b.py:9)", "depend on tiny>=2"):
        assert words in raised.value.message
    assert "requirements.txt" not in raised.value.message


def test_who_wants_what_there_is_not(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    with pytest.raises(RequirementsError, match=r"absent \(component train in a\.py:3\)"):
        lock(both("absent", "tiny"), TARGET, cache=tmp_path / "locks")
