"""The public names, a list: adding one is a decision, losing one breaks users."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kfp
from kfp import dsl
from kfp.version import SDK_VERSION, SKIFF_VERSION

RUNTIME_NAMES = {
    "Artifact",
    "ClassificationMetrics",
    "Dataset",
    "HTML",
    "Input",
    "InputPath",
    "Markdown",
    "Metrics",
    "Model",
    "Output",
    "OutputPath",
    "PipelineTaskFinalStatus",
    "SlicedClassificationMetrics",
    "get_uri",
}


def test_version() -> None:
    assert kfp.__version__ == f"{SDK_VERSION}+skiff.{SKIFF_VERSION}"


def test_runtime_names_are_public() -> None:
    assert set(dsl.__all__) >= RUNTIME_NAMES
    assert dsl.__all__ == sorted(dsl.__all__)


@pytest.mark.parametrize("name", dsl.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(dsl, name) is not None
    assert name in dir(dsl)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(dsl.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom) and node.module != "typing"]
    assert {alias.asname: node.module for node in imports for alias in node.names} == dsl.MODULES


@pytest.mark.parametrize("name", sorted(set(kfp.__all__) - {"TYPE_CHECK", "__version__"}))
def test_every_room_exists(name: str) -> None:
    assert getattr(kfp, name).__name__ == f"kfp.{name}"


@pytest.mark.parametrize("module", [kfp, dsl])
def test_an_unknown_name_is_an_attribute_error(module: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        module.nothing_of_the_kind  # type: ignore[attr-defined]  # noqa: B018 -- asking is the test


def test_type_check_is_on() -> None:
    assert kfp.TYPE_CHECK is True


def test_the_official_protobuf_is_found_beside_the_package() -> None:
    from kfp.pipeline_spec import pipeline_spec_pb2  # type: ignore[import-untyped]

    assert pipeline_spec_pb2.PipelineSpec().schema_version == ""
