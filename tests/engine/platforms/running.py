"""A pipeline with settings for Kubernetes, and its run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kfp.engine.events import Event
from kfp.engine.result import RunResult
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.ir.files import loads
from kfp.ir.spec import Document
from tests.engine.documents import Pipeline


def document(pipeline: Pipeline, executors: Mapping[str, Any], config: Mapping[str, Any] | None = None) -> Document:
    """The pipeline with settings by executor, and of the whole pipeline."""
    platform: dict[str, Any] = {"deploymentSpec": {"executors": dict(executors)}}
    if config is not None:
        platform["pipelineConfig"] = dict(config)
    text = json.dumps(pipeline.data) + "\n---\n" + json.dumps({"platforms": {"kubernetes": platform}})
    return loads(text)


def constant(name: str) -> dict[str, Any]:
    return {"runtimeValue": {"constant": name}}


def telling(*names: str) -> Pipeline:
    """A pipeline with one task, `tell`, whose output is what environment variables hold."""
    pipeline = Pipeline(inputs={"name": {"parameterType": "STRING", "defaultValue": "db"}})
    pipeline.python(
        f"""
        def tell() -> dict:
            import os
            return {{name: os.environ.get(name) for name in {list(names)!r}}}
        """,
        outputs={"Output": dict},
    )
    pipeline.task("tell")
    pipeline.output("Output", dict, "tell.Output")
    return pipeline


def done(made: Document, settings: RunSettings, told: list[Event] | None = None, **arguments: Any) -> RunResult:
    return run(made, arguments, settings=settings, on_event=(told if told is not None else []).append)
