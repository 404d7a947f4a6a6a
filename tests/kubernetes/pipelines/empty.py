"""Settings that set nothing."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.pipeline
def pipeline():
    kubernetes.set_timeout(work(), 0)
    kubernetes.add_toleration_json(work(), [])
