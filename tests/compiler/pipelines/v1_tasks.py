"""Tasks of a component file of KFP v1."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import components, dsl

train = components.load_component_from_text("""\
name: Train
inputs:
- {name: Data Set, type: CSV}
- {name: Epochs, type: Integer, default: '3'}
outputs:
- {name: Model, type: Model}
- {name: score, type: Float}
implementation:
  container:
    image: alpine
    env: {A: b}
    command: [train, {inputPath: Data Set}, {inputValue: Epochs}, {outputPath: Model}, {outputPath: score}]
""")


@dsl.component(base_image="python:3.11")
def show(score: float, model: dsl.Input[dsl.Model]): ...


@dsl.pipeline
def pipeline(epochs: int = 1):
    data = dsl.importer(artifact_uri="gs://data", artifact_class=dsl.Dataset)
    first = train(data_set=data.output)
    second = train(data_set=data.output, epochs=epochs).set_cpu_limit("1").after(first)
    show(score=second.outputs["score"], model=first.outputs["model"])
