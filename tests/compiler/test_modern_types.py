"""Types that people write today: at compile time, in the document, and in the step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, List, Literal, NamedTuple, Optional  # noqa: UP035 -- forms for old interpreters

import pytest

from kfp import dsl
from kfp.compiler.compile import document
from kfp.errors import AuthoringError, InconsistentTypeException
from tests.compiler.library.shapes import Color, Config, Level, Point
from tests.parts.interpreters import interpreters


@dsl.component
def paint(
    color: Color,
    level: Level = Level.HIGH,
    mode: Literal["fast", "slow"] = "fast",
    size: Literal[1, 2] | None = None,
    config: Config | None = None,
    rows: list[dict[str, int]] = [{"a": 1}],  # noqa: B006 -- as users write
) -> NamedTuple("Painted", [("color", Color), ("config", Config), ("seen", list)]):  # type: ignore[valid-type]
    config = config or Config("none", Point(1))
    seen = [type(color).__name__, level is Level.HIGH, mode, size, config.origin.x, type(config.origin).__name__]
    seen += [[c.name for c in config.colors], sum(row["a"] for row in rows), type(rows[0]["a"]).__name__]
    return (Color.BLUE if color is Color.RED else Color.RED, Config("out", config.origin, [color]), seen)


def run(
    component: Any, tmp_path: Path, python: str | Path = sys.executable, **values: object
) -> subprocess.CompletedProcess[str]:
    ((_, executor),) = document(component).spec.deployment_spec.executors.items()
    executor_input = {
        "inputs": {"parameterValues": values},
        "outputs": {"outputFile": str(tmp_path / "output.json")},
    }
    assert executor.container is not None
    args = [text.replace("{{$}}", json.dumps(executor_input)) for text in executor.container.args]
    command = [str(python), *executor.container.command[1:], *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)


def test_in_the_document() -> None:
    parameters = document(paint).spec.root.input_definitions.parameters
    assert {name: (p.parameter_type, p.literals, p.is_optional) for name, p in parameters.items()} == {
        "color": ("STRING", ("red", "blue"), False),
        "level": ("NUMBER_INTEGER", (1, 2), True),
        "mode": ("STRING", ("fast", "slow"), True),
        "size": ("NUMBER_INTEGER", (1, 2), True),
        "config": ("STRUCT", (), True),
        "rows": ("LIST", (), True),
    }
    assert parameters["level"].default_value == 2
    outputs = document(paint).spec.root.output_definitions.parameters
    assert {name: output.parameter_type for name, output in outputs.items()} == {
        "color": "STRING",
        "config": "STRUCT",
        "seen": "LIST",
    }


def test_the_documents_schema_is_the_official_one() -> None:
    definitions = paint.pipeline_spec.root.input_definitions.parameters
    assert [value.string_value for value in definitions["color"].literals] == ["red", "blue"]


def test_in_the_step(tmp_path: Path) -> None:
    config = {"name": "n", "origin": {"x": 3.0}, "colors": ["red"], "points": {"p": {"x": 1, "y": 2}}}
    ran = run(paint, tmp_path, color="red", size=2.0, config=config, rows=[{"a": 1.0}, {"a": 2.0}])
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "output.json").read_text())["parameterValues"] == {
        "color": "blue",
        "config": {"name": "out", "origin": {"x": 3, "y": 0.5}, "colors": ["red"]},
        "seen": ["Color", True, "fast", 2, 3, "Point", ["RED"], 3, "int"],
    }


class Mixed(NamedTuple):
    config: Config
    colors: List[Color]  # noqa: UP006
    count: int = 1


@dsl.component
def old_forms(color: Color, config: Optional[Config] = None, points: List[Point] = []) -> Mixed:  # noqa: B006, UP006, UP045
    config = config or Config("none", points[0])
    return Mixed(Config(config.name + color.value, config.origin, [color]), [color])


@pytest.mark.parametrize("version", sorted(set(interpreters()) - {"3.6"}))
def test_in_steps_of_every_python(version: str, tmp_path: Path) -> None:
    ran = run(old_forms, tmp_path, interpreters()[version], color="red", points=[{"x": 3.0}])
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "output.json").read_text())["parameterValues"] == {
        "config": {"name": "nonered", "origin": {"x": 3, "y": 0.5}, "colors": ["red"]},
        "colors": ["red"],
        "count": 1,
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"color": "green"},
            "input 'color' of component 'paint' takes Color, and got 'green'; accepted are 'red', 'blue'",
        ),
        ({"color": "red", "mode": "x"}, "got 'x'; accepted are 'fast', 'slow'"),
        ({"color": "red", "config": {"name": "n"}}, "takes Config, and got an object without its field 'origin'"),
        (
            {"color": "red", "config": {"name": "n", "origin": {"x": 1, "z": 2}}},
            "an object whose field 'origin' is an object with 'z'; the fields are x, y",
        ),
        (
            {"color": "red", "config": [1]},
            "got [1]; accepted is an object with the fields name, origin, colors, points",
        ),
    ],
)
def test_a_value_that_does_not_fit(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    ran = run(paint, tmp_path, **values)
    assert ran.returncode == 1
    assert message in ran.stderr


def test_a_call_takes_members_and_instances() -> None:
    @dsl.pipeline
    def pipeline(color: Color = Color.RED) -> None:
        paint(color=color)
        paint(color=Color.BLUE, level=Level.LOW, config=Config("n", Point(1), [Color.RED]), mode="slow")

    compiled = document(pipeline).spec
    assert compiled.root.input_definitions.parameters["color"].default_value == "red"
    assert compiled.root.dag is not None
    given = compiled.root.dag.tasks["paint-2"].inputs.parameters
    values = {name: source.runtime_value.constant for name, source in given.items() if source.runtime_value}
    assert values == {
        "color": "blue",
        "level": 1,
        "mode": "slow",
        "config": {"name": "n", "origin": {"x": 1, "y": 0.5}, "colors": ["red"]},
    }


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paint(color="green"), r"takes text \(STRING\), not the str 'green'\nhint: accepted are 'red', 'blue'"),
        (lambda: paint(color=Level.LOW), r"takes text \(STRING\), not the int 1"),
        (lambda: paint(color=Color.RED, size=3), "hint: accepted are 1, 2"),
        (
            lambda: paint(color=Color.RED, config={"name": "n"}),
            "takes Config, not an object without its field 'origin'",
        ),
    ],
)
def test_a_call_with_another_value(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InconsistentTypeException, match=message):

        @dsl.pipeline
        def pipeline() -> None:
            call()


def test_a_default_that_is_no_choice() -> None:
    with pytest.raises(AuthoringError, match="the default 'x'\nhint: accepted are 'a', 'b'"):

        @dsl.component
        def choose(mode: Literal["a", "b"] = "x") -> None: ...  # type: ignore[assignment]


def test_choices_are_of_one_type() -> None:
    with pytest.raises(AuthoringError, match="which is not supported"):

        @dsl.component
        def choose(mode: Literal["a", 1]) -> None: ...


def test_a_returned_value_is_one_of_the_choices(tmp_path: Path) -> None:
    @dsl.component
    def choose() -> Literal["a", "b"]:
        return "c"  # type: ignore[return-value]

    ran = run(choose, tmp_path)
    assert "component 'choose' returned 'c' for its output 'Output'\nhint: accepted are 'a', 'b'" in ran.stderr


def test_a_class_that_does_not_travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd_module.py").write_text(
        "from dataclasses import dataclass\nfrom kfp import dsl\nLIMIT = 3\n\n"
        "@dataclass\nclass Odd:\n    x: int = LIMIT\n\n@dsl.component\ndef use(odd: Odd) -> None: ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import odd_module  # type: ignore[import-not-found]

    with pytest.raises(AuthoringError, match=r"'Odd', a type in .* uses 'LIMIT', which does not travel with it"):
        document(odd_module.use)
