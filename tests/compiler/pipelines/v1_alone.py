"""A component file of KFP v1, loaded and compiled on its own."""

from kfp import components

TEXT = """\
name: Train My Model
description: Trains it.
metadata:
  annotations: {author: me}
  labels: {a: b}
inputs:
- {name: Input Data, type: CSV, description: The data.}
- {name: Learning Rate, type: Float, default: '0.1'}
- {name: count, type: Integer, default: '3', optional: true}
- {name: flag, type: Bool, optional: true}
- {name: table, type: JsonObject, default: '{"a": 1}'}
- {name: items, type: JsonArray, optional: true}
- {name: note, type: String}
- {name: untyped}
- {name: where, type: GCSPath}
- {name: ds, type: Dataset}
- {name: typed, type: {GCSPath: {data_type: CSV}}, optional: true}
- {name: uri, type: URI}
- {name: strpath, type: String}
outputs:
- {name: Model Out, type: Model}
- {name: accuracy, type: Float}
- {name: untyped out}
- {name: metrics, type: Metrics}
implementation:
  container:
    image: alpine:3
    env: {A: b, C: '1'}
    command:
    - sh
    - -c
    - echo
    - {inputValue: note}
    - concat: [--lr=, {inputValue: Learning Rate}, x]
    - if:
        cond: {isPresent: count}
        then: [--count, {inputValue: count}]
        else: [--nocount]
    - if:
        cond: {isPresent: items}
        then: [--items, {inputValue: items}]
    args:
    - --data
    - {inputPath: Input Data}
    - --ds
    - {inputPath: ds}
    - {inputUri: where}
    - {inputPath: untyped}
    - --model
    - {outputPath: Model Out}
    - {outputPath: accuracy}
    - {outputUri: metrics}
    - {outputPath: untyped out}
    - {executorInput: null}
    - {concat: ['a', {outputPath: untyped out}]}
    - {inputValue: table}
    - {inputValue: flag}
    - {inputPath: typed}
"""

pipeline = components.load_component_from_text(TEXT)
