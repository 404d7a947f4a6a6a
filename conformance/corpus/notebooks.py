"""Notebook components."""

import json
import tempfile
from pathlib import Path

from conformance.cases import component
from kfp import dsl
from kfp.dsl import Dataset, Output


def notebook() -> str:
    """Write a notebook of one parameters cell and one other."""
    cells = [
        {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "source": ["x = 1\n"], "outputs": []},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": ["print(x)"], "outputs": []},
    ]
    for cell in cells:
        cell["execution_count"] = None
    path = Path(tempfile.mkdtemp()) / "book.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return str(path)


@component
def a_notebook_alone():
    @dsl.notebook_component(notebook_path=notebook())
    def step(x: int):
        dsl.run_notebook(x=x)

    return step


@component
def a_notebook_with_options():
    @dsl.notebook_component(
        notebook_path=notebook(), base_image="python:3.12", packages_to_install=["nbclient", "ipykernel"]
    )
    def step(x: int, data: Output[Dataset]) -> str:
        dsl.run_notebook(x=x)
        return "x"

    return step


@component
def a_notebook_in_a_pipeline():
    @dsl.notebook_component(notebook_path=notebook())
    def step(x: int = 2):
        dsl.run_notebook(x=x)

    @dsl.pipeline
    def a_notebook_in_a_pipeline(x: int):
        step(x=x)
        step()

    return a_notebook_in_a_pipeline
