"""Whatever a text holds, reading it gives a document that survives, or an error of ours that says where.

`KFP_TEST_FUZZ` is the number of examples of each test; `make fuzz` runs many.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.components import load_component_from_text
from kfp.errors import SkiffError, SpecError
from kfp.ir import files
from kfp.ir.convert import to_json
from kfp.pipeline_spec import pipeline_spec_pb2
from tests.ir.damage import SEEDS, damaged, documents, scratched, text_of

EXAMPLES = int(os.environ.get("KFP_TEST_FUZZ", "150"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Generating overly large repr"
)


def survives(text: str) -> None:
    """Read a text; what is accepted must be written, read again, and valid."""
    try:
        document = files.loads(text)
    except SpecError:
        return
    written = files.dumps(document)
    assert files.loads(written) == document
    plain = to_json(document.spec)
    json_format.ParseDict(plain, pipeline_spec_pb2.PipelineSpec())
    if "deploymentSpec" in plain:
        json_format.ParseDict(plain["deploymentSpec"], pipeline_spec_pb2.PipelineDeploymentConfig())
    json_format.ParseDict({"platforms": to_json(document.platforms)}, pipeline_spec_pb2.PlatformSpec())


def test_there_are_documents_to_fuzz() -> None:
    assert len(documents()) >= len(SEEDS) + 10
    assert any("platforms:" in text for text in documents())
    for text in documents():
        survives(text)


@FUZZ
@given(damaged())
def test_fuzz_damaged_documents(whole: list[Any]) -> None:
    survives(text_of(whole))


@FUZZ
@given(scratched())
def test_fuzz_scratched_texts(text: str) -> None:
    survives(text)


@FUZZ
@given(damaged().map(text_of) | scratched() | st.text(max_size=200))
def test_fuzz_components(text: str) -> None:
    try:
        load_component_from_text(text)
    except SkiffError:
        return


@FUZZ
@given(st.binary(max_size=60))
def test_fuzz_bytes(data: bytes) -> None:
    try:
        files.loads(files.decode(data, "bytes"))
    except SpecError:
        return
