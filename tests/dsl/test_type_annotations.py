"""Questions about annotations, under KFP's module path; the answers are upstream's."""

from __future__ import annotations

from typing import Any, List, Optional  # noqa: UP035 -- what users write

import pytest

from kfp.dsl import Dataset, EmbeddedInput, Input, Model, Output
from kfp.dsl.types import type_annotations as annotations

MODELS = List[Model]  # noqa: UP006


@pytest.mark.parametrize(
    ("function", "annotation", "expected"),
    [
        ("get_inner_type", Input[Model], Model),
        ("get_inner_type", MODELS, Model),
        ("get_inner_type", int, None),
        ("get_inner_type", dict[str, int], (str, int)),
        ("get_io_artifact_class", Output[MODELS], Model),
        ("get_io_artifact_class", Input[Dataset], Dataset),
        ("get_io_artifact_class", Model, None),
        ("get_input_or_output_marker", Input[Model], annotations.InputAnnotation),
        ("get_input_or_output_marker", EmbeddedInput[Model], annotations.EmbeddedAnnotation),
        ("get_input_or_output_marker", Input, annotations.InputAnnotation),
        ("get_input_or_output_marker", Model, None),
        ("is_artifact_wrapped_in_Input", Input, True),
        ("is_Input_Output_artifact_annotation", Output, True),
        ("is_Input_Output_artifact_annotation", EmbeddedInput[Model], False),
        ("is_Input_Output_artifact_annotation", Output[Model], True),
        ("is_Input_Output_artifact_annotation", Model, False),
        ("is_artifact_wrapped_in_Input", Output[Model], False),
        ("is_artifact_wrapped_in_Output", Output[Model], True),
        ("is_embedded_input_annotation", EmbeddedInput[Model], True),
        ("is_generic_list", list, True),
        ("is_generic_list", MODELS, True),
        ("is_list_of_artifacts", MODELS, True),
        ("is_list_of_artifacts", list[int], False),
        ("issubclass_of_artifact", Model, True),
        ("is_artifact_class", Model(), True),
        ("maybe_strip_optional_from_annotation", Optional[int], int),  # noqa: UP045
        ("maybe_strip_optional_from_annotation_string", "Optional[str]", "str"),
        ("strip_Input_or_Output_marker", Input[Model], Model),
        ("get_short_type_name", "typing.List[int]", "List"),
        ("construct_type_for_inputpath_or_outputpath", "Model", "system.Model@0.0.1"),
        ("construct_type_for_inputpath_or_outputpath", "model", "system.Model@0.0.1"),
        ("construct_type_for_inputpath_or_outputpath", Model, "system.Model@0.0.1"),
        ("construct_type_for_inputpath_or_outputpath", "foo", "system.Artifact@0.0.1"),
        ("construct_type_for_inputpath_or_outputpath", None, "system.Artifact@0.0.1"),
        ("construct_type_for_inputpath_or_outputpath", int, int),
        ("construct_type_for_inputpath_or_outputpath", "String", "String"),
    ],
)
def test_answers(function: str, annotation: Any, expected: Any) -> None:
    assert getattr(annotations, function)(annotation) == expected
