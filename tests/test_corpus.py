"""Every pipeline of the conformance corpus: as upstream compiles it, valid, and unharmed by reading and writing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from conformance import golden, known, parity
from conformance.cases import corpus
from conformance.deviation import Kind
from conformance.differences import Difference, differences
from conformance.documents import normalise
from conformance.parity import Attempt
from conformance.side import attempt
from conformance.survival import lost
from kfp.ir import files
from kfp.ir.sources import missing
from kfp.pipeline_spec import pipeline_spec_pb2

CASES = {case.id: case for case in corpus()}
PIPELINES = sorted(name for name, case in CASES.items() if not case.wrong)
MISTAKES = sorted(name for name, case in CASES.items() if case.wrong)
DOCUMENTS = [name for name in PIPELINES if "kubernetes_manifest_format" not in CASES[name].options]
GOLDEN = golden.read()

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@dataclass(frozen=True)
class Compiled:
    text: str
    refusal: dict[str, Any] | None


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("corpus")

    @cache
    def of(name: str) -> Compiled:
        case = CASES[name]
        refusal = attempt(case, folder)
        return Compiled("" if refusal else (folder / f"{case.id}{case.suffix}").read_text(encoding="utf-8"), refusal)

    return of


def expect(name: str, found: list[Difference]) -> None:
    """Fail for differences that are not known, and stop where they are known to be unfinished work."""
    result = parity.judge(name, "", found, known.CORPUS)
    assert not result.unexpected, "\n".join(result.unexpected)
    if any(deviation.kind is Kind.NOT_YET for deviation in result.expected):
        pytest.xfail(", ".join(deviation.reason for deviation in result.expected))


@cache
def values(text: str) -> list[Any]:
    """The YAML documents of a text."""
    return list(yaml.load_all(text, yaml.CSafeLoader))


def document(name: str, compiled: Any) -> str:
    made = compiled(name)
    if made.refusal:
        place = "lacking" if made.refusal["lacking"] else "compiles"
        expect(name, [Difference(place, "compiles", f"{made.refusal['types'][0]}: {made.refusal['message']}")])
        pytest.skip("refused deliberately")
    return str(made.text)


def test_the_corpus_is_large() -> None:
    assert len(PIPELINES) >= 120
    assert len(MISTAKES) >= 40
    assert set(GOLDEN) == set(CASES), "run `python -m conformance --golden`"


@pytest.mark.parametrize("name", [name for name in PIPELINES if GOLDEN.get(name)])  # the others' cannot be read
def test_a_document_is_upstreams(name: str, compiled: Any) -> None:
    text = document(name, compiled)
    ours = golden.common(name, normalise(text), known.CORPUS)
    if "digest" in GOLDEN[name]:
        assert golden.digest(ours) == GOLDEN[name]["digest"], f"run `python -m conformance --pattern {name}`"
    elif "document" in GOLDEN[name]:
        expect(name, list(differences(GOLDEN[name]["document"], ours)))
    else:
        expect(name, [Difference("compiles", GOLDEN[name]["refused"], "compiles")])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid(name: str, compiled: Any) -> None:
    pipeline, *platforms = values(document(name, compiled))
    spec = json_format.ParseDict(pipeline, pipeline_spec_pb2.PipelineSpec())
    config = json_format.ParseDict(pipeline["deploymentSpec"], pipeline_spec_pb2.PipelineDeploymentConfig())
    labels = {part.executor_label for part in spec.components.values() if part.executor_label}
    assert labels == set(config.executors)
    for platform in platforms:
        json_format.ParseDict(platform, pipeline_spec_pb2.PlatformSpec())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_reading_writing_recompiling_and_enclosing_lose_nothing(name: str, compiled: Any) -> None:
    text = document(name, compiled)
    assert list(lost(text)) == []
    assert list(missing(files.loads(text).spec)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_as_by_upstream(name: str, compiled: Any) -> None:
    theirs = GOLDEN[name].get("refused")
    refusal = {"types": [theirs], "message": ""} if theirs else None
    sides = [Attempt(name, "", True, Path(), said) for said in (refusal, compiled(name).refusal)]
    expect(name, list(parity.refusals(*sides)))
