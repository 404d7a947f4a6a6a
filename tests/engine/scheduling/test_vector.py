from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.engine.scheduling.vector import Vector


@given(
    st.lists(st.integers(), max_size=70), st.lists(st.tuples(st.booleans(), st.integers(), st.integers()), max_size=60)
)
def test_behaves_as_a_list_and_keeps_its_past(start: list[int], changes: list[tuple[bool, int, int]]) -> None:
    vector, model = Vector(start), list(start)
    past = []
    for is_append, index, value in changes:
        past.append((vector, list(model)))
        if is_append or not model:
            vector = vector.append(value)
            model.append(value)
        else:
            vector = vector.set(index % len(model), value)
            model[index % len(model)] = value
    for each, expected in [*past, (vector, model)]:
        assert list(each) == expected
        assert len(each) == len(expected)
        assert [each[index] for index in range(len(each))] == expected


@pytest.mark.parametrize("size", [31, 32, 33, 1023, 1024, 1025, 32769])
def test_grows_through_every_level(size: int) -> None:
    vector: Vector[int] = Vector()
    for item in range(size):
        vector = vector.append(item)
    assert list(vector) == list(range(size)) == list(Vector(range(size)))
    assert vector.set(size - 1, -1)[size - 1] == -1
    assert vector[size - 1] == size - 1


@pytest.mark.parametrize("index", [-1, 3])
def test_refuses_an_index_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        Vector([1, 2, 3])[index]
    with pytest.raises(IndexError):
        Vector([1, 2, 3]).set(index, 0)
