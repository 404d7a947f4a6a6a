"""What a pipeline may be called."""

from __future__ import annotations

import pytest

from kfp import dsl
from kfp.errors import AuthoringError
from tests.dsl.components import add


@pytest.mark.parametrize("name", ["日本語", "---", "a" * 129])
def test_names_that_no_backend_takes(name: str) -> None:
    def work() -> None:
        add(a=1)

    with pytest.raises(AuthoringError, match="the pipeline's name is") as caught:
        dsl.pipeline(work, name=name)
    assert caught.value.location is not None
    assert caught.value.location.path == __file__


def test_the_longest_name() -> None:
    assert dsl.pipeline(lambda: add(a=1) and None, name="a" * 128).name == "a" * 128
