"""Artifacts in an object store, and steps in containers that reach no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp import compiler, dsl
from kfp.dsl import Dataset, Input, Output
from kfp.engine.artifacts.store import ObjectStores
from kfp.engine.run import run
from kfp.ir import files
from tests.parts.runtimes import Runtime

IMAGE = "localhost/python-base:test"


@dsl.container_component
def copy(data: Input[Dataset], out: Output[Dataset]) -> dsl.ContainerSpec:
    """Reads the input where KFP's launcher has it, and writes the output where the placeholder says."""
    program = "import sys; text = open(sys.argv[1].replace('s3://', '/s3/')).read(); open(sys.argv[2], 'w').write(text)"
    return dsl.ContainerSpec(image=IMAGE, command=["python3", "-c", program], args=[data.uri, out.path])


@dsl.component(base_image=IMAGE)
def shout(data: Input[Dataset]) -> Dataset:
    from pathlib import Path

    made = Dataset(uri=dsl.get_uri("loud"), metadata={"of": data.uri})
    Path(made.path).write_text(Path(data.path).read_text().upper())
    return made


@dsl.pipeline
def writing(data: Input[Dataset]) -> Dataset:
    return shout(data=copy(data=data).outputs["out"]).output


@pytest.mark.engine
def test_containers_need_not_reach_the_object_store(
    runtime: Runtime, base_image: str, kfp_home: Path, tmp_path: Path, s3: str
) -> None:
    ObjectStores().put(f"{s3}/in/data.txt", b"hello")
    compiler.Compiler().compile(writing, str(tmp_path / "pipeline.yaml"))
    settings = runtime.settings(kfp_home, pipeline_root=f"{s3}/root")
    document = files.read(tmp_path / "pipeline.yaml")
    result = run(document, {"data": {"uri": f"{s3}/in/data.txt"}}, settings=settings)
    assert result.error is None
    root = f"{s3}/root/writing/{result.run_id}"
    assert result.outputs["Output"]["uri"] == f"{root}/shout/loud"
    assert result.outputs["Output"]["metadata"] == {"of": f"{root}/copy/out"}
    stores = ObjectStores()
    (made,) = stores.listing(f"{root}/shout/loud").files
    assert stores.read(root, made, 0, made.size) == b"HELLO"
