from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import pytest

from kfp.dsl import Dataset, Input, InputPath, Model, Output, OutputPath

AT_RUN_TIME: Any = Input


def test_equal_annotations_are_equal() -> None:
    assert AT_RUN_TIME[Dataset] == AT_RUN_TIME[Dataset]
    assert AT_RUN_TIME[Dataset] != AT_RUN_TIME[Model]
    assert len({AT_RUN_TIME[Dataset], AT_RUN_TIME[Dataset]}) == 1
    assert InputPath("Dataset") == InputPath("Dataset")
    assert InputPath(int) != OutputPath(int)


def test_they_print_as_they_are_written() -> None:
    annotations = [Input[Dataset], Output[Model], InputPath("Dataset"), OutputPath(int), InputPath()]
    assert list(map(repr, annotations)) == [
        "Input[Dataset]",
        "Output[Model]",
        "InputPath('Dataset')",
        "OutputPath(int)",
        "InputPath()",
    ]


def test_they_may_be_optional() -> None:
    annotation: Any = Optional[Input[Dataset]]  # noqa: UP045 -- the form under test
    assert annotation.__args__ == (AT_RUN_TIME[Dataset], type(None))
    assert (AT_RUN_TIME[Dataset] | None) == annotation


@pytest.mark.parametrize("annotation", [AT_RUN_TIME[Dataset], AT_RUN_TIME, InputPath(int)])
def test_they_are_not_called(annotation: Any) -> None:
    with pytest.raises(TypeError):
        annotation()


def test_an_editor_sees_the_artifact(tmp_path: Path) -> None:
    source = tmp_path / "component.py"
    source.write_text(
        "from kfp.dsl import Dataset, Input, Model, Output\n"
        "def train(data: Input[Dataset], model: Output[Model]) -> None:\n"
        "    reveal_type(data)\n    reveal_type(model.framework)\n    data.nothing\n"
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(source)],
        cwd=Path(__file__).parents[2] / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "kfp.runtime.artifacts.Dataset"' in checked.stdout
    assert 'Revealed type is "str"' in checked.stdout or 'Revealed type is "builtins.str"' in checked.stdout
    assert '"Dataset" has no attribute "nothing"' in checked.stdout
