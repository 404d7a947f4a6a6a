from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from kfp.errors import SkiffError, SpecError
from kfp.ir import files
from kfp.ir import spec as ir
from kfp.ir.header import described, header

MINIMAL = """
pipelineInfo: {name: p}
components:
  comp-a: {executorLabel: exec-a, outputDefinitions: {parameters: {Output: {parameterType: STRING}}}}
deploymentSpec: {executors: {exec-a: {container: {image: alpine}}}}
root:
  dag:
    tasks:
      a: {componentRef: {name: comp-a}, taskInfo: {name: a}}
      b:
        componentRef: {name: comp-a}
        dependentTasks: [a]
        inputs: {parameters: {x: {taskOutputParameter: {producerTask: a, outputParameterKey: Output}}}}
schemaVersion: 2.1.0
sdkVersion: kfp-2.17.0
"""

PLATFORMS = "---\nplatforms: {kubernetes: {deploymentSpec: {executors: {exec-a: {pvcMount: [{mountPath: /x}]}}}}}\n"


def test_a_document_survives_writing_and_reading(tmp_path: Path) -> None:
    document = files.loads(MINIMAL + PLATFORMS)
    files.write(document, tmp_path / "p.yaml")
    assert files.read(tmp_path / "p.yaml") == document
    platform = document.platforms["kubernetes"].deployment_spec
    assert platform is not None
    assert platform.executors == {"exec-a": {"pvcMount": [{"mountPath": "/x"}]}}


@pytest.mark.parametrize("name", ["a\x1bb", "a\nb: c", "a\x85b", "\ufeff", "\x7f", "# a", "a\u2028b"])
def test_any_name_survives(name: str) -> None:
    text = MINIMAL.replace("name: p}", f"name: {json.dumps(name)}}}")
    document = files.loads(text)
    assert document.spec.pipeline_info.name == name
    assert files.loads(files.dumps(document)) == document


def test_json_has_no_place_for_platforms(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="kubernetes"):
        files.write(files.loads(MINIMAL + PLATFORMS), tmp_path / "p.json")
    assert list(tmp_path.glob("*p.json*")) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("pipelineInfo: {name: p}", "", "no pipelineInfo"),
        ("name: p}", "name: 3}", "pipelineInfo.name: Expected `str`, got `int`"),
        ("name: p}", "nam: p}", "pipelineInfo: Object contains unknown field `nam`"),
        ("{name: comp-a}, taskInfo", "{name: 1}, taskInfo", 'root.dag.tasks["a"].componentRef.name: Expected `str`'),
        ("{name: comp-a}, taskInfo", "{name: comp-x}, taskInfo", "no component 'comp-x'"),
        ("dependentTasks: [a]", "dependentTasks: [z]", "root.dag.tasks[\"b\"].dependentTasks: no task 'z'"),
        ("dependentTasks: [a]", "dependentTasks: [b]", "root.dag.tasks: they wait for each other: b"),
        ("outputParameterKey: Output}", "outputParameterKey: o}", "task 'a' has no output parameter 'o'"),
        ("producerTask: a", "producerTask: c", "no task 'c'"),
        ("{executorLabel: exec-a,", "{executorLabel: exec-b,", 'components["comp-a"].executorLabel: no executor'),
        ("{executorLabel: exec-a,", "{", 'components["comp-a"]: must hold either a dag or an executorLabel'),
        ("{container: {image: alpine}}", "{}", 'deploymentSpec.executors["exec-a"]'),
        ("schemaVersion: 2.1.0", "schemaVersion: 3.0.0", "schemaVersion: '3.0.0'"),
        ("schemaVersion: 2.1.0", "schemaVersion: 2.1.0\nschemaVersion: 2.1.0", "'schemaVersion' stands twice"),
        ("root:", "root: 1\nroot2:", "Expected `object`"),
        ("parameterType: STRING", "parameterType: TEXT", '.outputDefinitions.parameters["Output"].parameterType: '),
        (
            "dependentTasks: [a]",
            "retryPolicy: {maxRetryCount: 2147483648}",
            "maxRetryCount: Expected `int` <= 2147483647",
        ),
        ("dependentTasks: [a]", "retryPolicy: {backoffDuration: 1h}", 'tasks["b"].retryPolicy.backoffDuration: '),
        ("dependentTasks: [a]", "triggerPolicy: {strategy: ANY}", 'tasks["b"].triggerPolicy.strategy: '),
        (
            "dependentTasks: [a]",
            "parameterIterator: {itemInput: x, items: {raw: '[]', inputParameter: x}}",
            'tasks["b"].parameterIterator.items: holds both raw and inputParameter',
        ),
        ("pipelineInfo: {name: p}", "implementation: {}", "component of KFP v1"),
        ("pipelineInfo: {name: p}", "kind: Workflow", "Argo Workflow"),
        ("pipelineInfo: {name: p}", "- 1", "not YAML"),
    ],
)
def test_what_is_no_pipeline_is_refused_with_the_fields_path(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    with pytest.raises(SpecError) as caught:
        files.loads(MINIMAL.replace(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize("brackets", [201, 900, 100_000])
def test_deep_json_is_refused(brackets: int) -> None:
    with pytest.raises(SpecError, match="nested more than 200 deep"):
        files.values('{"a": ' + "[" * brackets + "]" * brackets + "}")
    assert files.values('{"a": ' + "[" * 199 + "]" * 199 + "}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "a: 1\n---\nb: 2\n---\nc: 3",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "\0",
        '{"a": "\\ud800"}',
        '"\ud800"',
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(SpecError):
        files.loads(text)


def test_deep_nesting_through_aliases_is_refused() -> None:
    lines = ["a0: &a0 x", *(f"a{i}: &a{i} {'[' * 150}*a{i - 1}{']' * 150}" for i in range(1, 10))]
    with pytest.raises(SpecError, match="nested more than 200 deep"):
        files.values("\n".join(lines))


def test_a_component_that_contains_itself_is_refused() -> None:
    text = MINIMAL.replace(
        "{executorLabel: exec-a, outputDefinitions",
        "{dag: {tasks: {x: {componentRef: {name: comp-a}}}}, outputDefinitions",
    )
    with pytest.raises(SpecError, match="they contain each other: comp-a"):
        files.loads(text)


def test_a_second_document_that_is_no_platform_is_refused() -> None:
    with pytest.raises(SpecError, match="PlatformSpec"):
        files.loads(MINIMAL + "---\nsomething: 1\n")


def test_the_message_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("a: 1")
    with pytest.raises(SpecError, match=r"broken\.yaml: not a PipelineSpec"):
        files.read(path)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SkiffError, match=r"cannot read .*missing\.yaml: No such file"):
        files.read(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(SpecError, match="not UTF-8"):
        files.read(tmp_path / "latin.yaml")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    (tmp_path / "large.yaml").write_text(MINIMAL)
    with pytest.raises(SpecError, match="more than 100 bytes"):
        files.read(tmp_path / "large.yaml")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    good = files.loads(MINIMAL)
    files.write(good, tmp_path / "p.yaml")
    before = (tmp_path / "p.yaml").read_bytes()
    bad = ir.Document(
        spec=ir.PipelineSpec(
            pipeline_info=ir.PipelineInfo(name="p"),
            root=ir.ComponentSpec(
                input_definitions=ir.ComponentInputsSpec(
                    parameters={"x": ir.InputParameterDefinition(default_value=float("nan"))}
                )
            ),
        )
    )
    with pytest.raises(SpecError, match="nan"):
        files.write(bad, tmp_path / "p.yaml")
    assert [path.name for path in tmp_path.glob("*p.yaml*")] == ["p.yaml"]
    assert (tmp_path / "p.yaml").read_bytes() == before


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    document = files.loads(MINIMAL)
    with pytest.raises(SkiffError, match=r"cannot write .*missing/p\.yaml: No such file or directory"):
        files.write(document, tmp_path / "missing" / "p.yaml")
    (tmp_path / "file").write_text("")
    with pytest.raises(SkiffError, match="cannot write"):
        files.write(document, tmp_path / "file" / "p.yaml")
    with pytest.raises(SpecError, match="ends in"):
        files.write(document, tmp_path / "p.txt")


def test_a_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    previous = os.umask(0o027)
    try:
        files.write(files.loads(MINIMAL), tmp_path / "p.yaml")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "p.yaml").stat().st_mode) == 0o640


def test_the_comment_shows_defaults_in_order_and_keeps_empty_lines() -> None:
    default = {"b": 1, "a": [{"d": 1, "c": 2}]}
    parameter = ir.InputParameterDefinition(parameter_type="STRUCT", default_value=default, is_optional=True)
    root = ir.ComponentSpec(
        input_definitions=ir.ComponentInputsSpec(parameters={"x": parameter}), dag=ir.DagSpec(tasks={})
    )
    comment = header(ir.PipelineSpec(pipeline_info=ir.PipelineInfo(name="p", description="One.\n\nTwo."), root=root))
    assert "#    x: dict [Default: {'a': [{'c': 2, 'd': 1}], 'b': 1}]\n" in comment
    assert "# Description: One.\n#              \n#              Two.\n" in comment
    assert described(comment) == described(comment.replace("#              \n", "#\n")) == "One.\n\nTwo."
