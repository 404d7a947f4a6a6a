"""Components and pipelines that are loaded from text."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import components, dsl

V1_MINIMAL = """
name: Minimal
implementation:
  container:
    image: alpine
"""

V1_PARAMETERS = """
name: Echo things
description: Echoes
inputs:
- {name: Text, type: String, description: A text}
- {name: number, type: Integer, default: '3'}
- {name: Real, type: Float, default: '0.5'}
- {name: flag, type: Boolean, default: 'true'}
- {name: a list, type: JsonArray, default: '[1, 2]'}
- {name: an object, type: JsonObject, default: '{"a": 1}'}
- {name: optional, type: String, optional: true}
outputs:
- {name: out text, type: String}
- {name: out number, type: Integer}
implementation:
  container:
    image: alpine:3
    command: [sh, -c, 'echo "$0"']
    args:
    - {inputValue: Text}
    - --number={inputValue}
    - {inputValue: number}
    - {inputValue: Real}
    - {inputValue: flag}
    - {inputValue: a list}
    - {inputValue: an object}
    - {outputPath: out text}
    - {outputPath: out number}
    env:
      KEY: value
"""

V1_ARTIFACTS = """
name: Train
inputs:
- {name: data, type: Dataset}
- {name: untyped}
- {name: csv, type: CSV}
outputs:
- {name: model, type: Model}
- {name: other}
implementation:
  container:
    image: alpine
    command: [train]
    args: [{inputPath: data}, {inputUri: untyped}, {inputPath: csv}, {outputPath: model}, {outputUri: other}]
"""

V1_STRUCTURE = """
name: Structured
inputs:
- {name: a, type: String}
- {name: b, type: String, optional: true}
implementation:
  container:
    image: alpine
    command: [run]
    args:
    - concat: [--a=, {inputValue: a}]
    - if:
        cond: {isPresent: b}
        then: [--b, {inputValue: b}]
        else: [--no-b]
"""

V2 = """
components:
  comp-step:
    executorLabel: exec-step
    inputDefinitions:
      parameters:
        a:
          parameterType: STRING
        n:
          defaultValue: 3.0
          isOptional: true
          parameterType: NUMBER_INTEGER
    outputDefinitions:
      artifacts:
        data:
          artifactType:
            schemaTitle: system.Dataset
            schemaVersion: 0.0.1
      parameters:
        out:
          parameterType: STRING
deploymentSpec:
  executors:
    exec-step:
      container:
        args: ['{{$.inputs.parameters[''a'']}}', '{{$.outputs.parameters[''out''].output_file}}']
        command: [echo]
        image: alpine
pipelineInfo:
  name: step
root:
  dag:
    tasks:
      step:
        cachingOptions:
          enableCache: true
        componentRef:
          name: comp-step
        inputs:
          parameters:
            a:
              componentInputParameter: a
            n:
              componentInputParameter: n
        taskInfo:
          name: step
  inputDefinitions:
    parameters:
      a:
        parameterType: STRING
      n:
        defaultValue: 3.0
        isOptional: true
        parameterType: NUMBER_INTEGER
  outputDefinitions:
    artifacts:
      data:
        artifactType:
          schemaTitle: system.Dataset
          schemaVersion: 0.0.1
    parameters:
      out:
        parameterType: STRING
schemaVersion: 2.1.0
sdkVersion: kfp-2.0.0
"""


@component
def v1_minimal():
    return components.load_component_from_text(V1_MINIMAL)


@component
def v1_parameters():
    return components.load_component_from_text(V1_PARAMETERS)


@component
def v1_artifacts():
    return components.load_component_from_text(V1_ARTIFACTS)


@component
def v1_concat_and_if():
    return components.load_component_from_text(V1_STRUCTURE)


@pipeline
def v1_in_a_pipeline(x: str):
    echo = components.load_component_from_text(V1_PARAMETERS)
    made = echo(text=x)
    steps.say(text=made.outputs["out_text"])
    echo(text="a", number=1, optional="o").set_cpu_limit("1").set_env_variable("KEY", "other")


@pipeline
def v1_artifacts_in_a_pipeline():
    train = components.load_component_from_text(V1_ARTIFACTS)
    data = steps.make_dataset(rows=1).outputs["data"]
    made = train(data=data, untyped=data, csv=data)
    steps.evaluate(model=made.outputs["model"], data=data)


@component
def v2_alone():
    return components.load_component_from_text(V2)


@pipeline
def v2_in_a_pipeline(x: str):
    step = components.load_component_from_text(V2)
    made = step(a=x)
    step(a=made.outputs["out"], n=4).set_env_variable("A", "b").set_memory_limit("1G")
    steps.show(thing=made.outputs["data"])


@pipeline
def v2_in_groups(x: str):
    step = components.load_component_from_text(V2)
    with dsl.If(x == "a"):
        with dsl.ParallelFor([1, 2]) as item:
            step(a=x, n=item)


@component
def a_compiled_pipeline():
    return components.load_component_from_text(_compiled())


@component
def a_compiled_pipeline_in_a_pipeline():
    loaded = components.load_component_from_text(_compiled())

    @dsl.pipeline
    def a_compiled_pipeline_in_a_pipeline(x: int):
        made = loaded(x=x)
        steps.add(a=made.output)
        loaded(x=2)

    return a_compiled_pipeline_in_a_pipeline


def _compiled():
    import tempfile
    from pathlib import Path

    from kfp import compiler

    @dsl.pipeline(name="inner-pipeline", description="Compiled before")
    def inner(x: int, y: int = 2) -> int:
        steps.say(text="hello")
        return steps.add(a=x, b=steps.add(a=y).output).output

    path = Path(tempfile.mkdtemp()) / "inner.yaml"
    compiler.Compiler().compile(inner, str(path))
    return path.read_text()


@component
def from_a_file():
    import tempfile
    from pathlib import Path

    path = Path(tempfile.mkdtemp()) / "component.yaml"
    path.write_text(V1_PARAMETERS)
    return components.load_component_from_file(str(path))
