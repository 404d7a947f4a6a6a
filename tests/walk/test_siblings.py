"""Sibling modules with the standard library's names harm neither the build nor the step."""

from __future__ import annotations

import json

import pytest

from tests.parts.engines import ContainerEngine
from tests.walk.conftest import TARGET, Project

STANDARD_NAMES = ("math", "types", "json", "random", "typing", "enum", "re", "os", "logging", "abc")

COMPONENT = """\
from kfp import dsl
from .json import double
from .pack.deep.inner import triple
from helpers import plus_one
from pack.deep import inner


@dsl.component(base_image={base!r}, target_image={target!r})
def work(a: int) -> str:
    import json, math, random, types

    assert inner.triple is triple
    random.Random(1).random()
    types.SimpleNamespace()
    return json.dumps([double(a), triple(a), plus_one(a), math.floor(2.5)])
"""

FILES = {
    **{f"src/{name}.py": "def double(x):\n    return 2 * x\n" for name in STANDARD_NAMES},
    "src/helpers.py": "def plus_one(x):\n    return x + 1\n",
    "src/pack/__init__.py": "",
    "src/pack/deep/__init__.py": "",
    "src/pack/deep/inner.py": "from ..factor import FACTOR\n\n\ndef triple(x):\n    return FACTOR * x\n",
    "src/pack/factor.py": "FACTOR = 3\n",
    "pipeline.py": (
        "from kfp import components, dsl\n"
        "work = components.load_component_from_file('src/component_metadata/work.yaml')\n\n"
        "@dsl.pipeline\n"
        "def p(a: int) -> str:\n"
        "    return work(a=a).output\n"
    ),
}


@pytest.fixture
def shadowing(project: Project, base_image: str) -> Project:
    project.write({**FILES, "src/my_component.py": COMPONENT.format(base=base_image, target=TARGET)})
    project.build("--no-push-image")
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    return project


def result(project: Project, *options: str) -> object:
    data = project.data("run", "create", "--package-file", "pipeline.yaml", *options, "a=5")
    assert isinstance(data, dict)
    return json.loads(data["outputs"]["Output"])


def test_in_a_process(shadowing: Project) -> None:
    assert result(shadowing) == [10, 15, 6, 2]


def test_in_the_image(shadowing: Project, container_engine: ContainerEngine) -> None:
    assert container_engine
    assert result(shadowing, "--runner", "container") == [10, 15, 6, 2]
