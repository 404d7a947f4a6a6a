"""Values from nowhere are kept when a document is read, and named by whoever asks."""

from __future__ import annotations

from kfp.ir import files
from kfp.ir.sources import missing

LEAKS = """
pipelineInfo: {name: p}
components:
  comp-a: {executorLabel: exec-a, outputDefinitions: {parameters: {Output: {parameterType: STRING}}}}
  comp-group:
    dag:
      tasks:
        a: {componentRef: {name: comp-a}, inputs: {artifacts: {d: {componentInputArtifact: nothing}}}}
    inputDefinitions: {parameters: {x: {parameterType: STRING}}}
    outputDefinitions: {parameters: {there: {parameterType: STRING}}}
deploymentSpec: {executors: {exec-a: {container: {image: alpine}}}}
root:
  dag:
    tasks:
      group: {componentRef: {name: comp-group}, inputs: {parameters: {x: {componentInputParameter: some-loop-item}}}}
      b:
        componentRef: {name: comp-a}
        inputs:
          parameters: {x: {taskOutputParameter: {producerTask: group, outputParameterKey: lost}}}
          artifacts: {y: {taskOutputArtifact: {producerTask: group, outputArtifactKey: lost}}}
    outputs:
      parameters:
        one: {valueFromParameter: {producerSubtask: inner, outputParameterKey: Output}}
        two: {valueFromOneof: {parameterSelectors: [{producerSubtask: group, outputParameterKey: lost}]}}
        three: {valueFromParameter: {producerSubtask: group, outputParameterKey: there}}
      artifacts: {four: {artifactSelectors: [{producerSubtask: inner, outputArtifactKey: d}]}}
  outputDefinitions:
    parameters: {one: {parameterType: STRING}, two: {parameterType: STRING}, three: {parameterType: STRING}}
    artifacts: {four: {artifactType: {schemaTitle: system.Artifact, schemaVersion: 0.0.1}}}
"""


def test_what_groups_lose_is_kept_and_named() -> None:
    document = files.loads(LEAKS)
    assert files.loads(files.dumps(document)) == document
    assert sorted(missing(document.spec)) == [
        'components["comp-group"].dag.tasks["a"].inputs.artifacts["d"]: no input artifact \'nothing\' here',
        "root.dag.outputs.artifacts[\"four\"]: no task 'inner' in this dag",
        "root.dag.outputs.parameters[\"one\"]: no task 'inner' in this dag",
        "root.dag.outputs.parameters[\"two\"]: task 'group' has no output parameter 'lost'",
        "root.dag.tasks[\"b\"].inputs.artifacts[\"y\"]: task 'group' has no output artifact 'lost'",
        "root.dag.tasks[\"b\"].inputs.parameters[\"x\"]: task 'group' has no output parameter 'lost'",
        'root.dag.tasks["group"].inputs.parameters["x"]: no input parameter \'some-loop-item\' here',
    ]
