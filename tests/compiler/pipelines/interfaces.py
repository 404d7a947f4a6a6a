"""Every way to write an input or output."""
# ruff: noqa: ANN201, UP006, UP007, UP014, UP035, UP045 -- written as users of KFP write

from typing import Any, Dict, List, NamedTuple, Optional, Union

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, InputPath, Markdown, Metrics, Model, Output, OutputPath


@dsl.component(base_image="b")
def types(
    a: Dict,
    b: List,
    c: list[int],
    d: dict[str, str],
    e: List[Dict[str, Any]],
    f: "List[int]",
    m: Input[Metrics],
    h: Input[HTML],
    md: Input[Markdown],
    li: Input[List[Artifact]],
) -> Dict[str, Any]:
    return {}


@dsl.component(base_image="b")
def paths(
    a: InputPath(),
    b: InputPath("Dataset"),
    c: InputPath(str),
    d: OutputPath(),
    e: OutputPath("Model"),
    f: OutputPath(dict),
    g: InputPath(Model),
    h: OutputPath(Dataset),
):
    pass


@dsl.component(base_image="b")
def optional(
    a: Optional[int],
    b: Optional[str] = None,
    c: Union[int, None] = 3,
    e: Optional[List[str]] = None,
    f: Input[Dataset] = None,
    *,
    g: int,
):
    pass


@dsl.component(base_image="b")
def status(s: dsl.PipelineTaskFinalStatus, q: str):
    pass


@dsl.component(base_image="b")
def several(o: Output[Model], p: OutputPath(str), q: OutputPath(List[int])) -> NamedTuple(
    "O", [("a", Dict[str, int]), ("b", bool), ("c", Dataset)]
):
    pass


@dsl.component(base_image="b")
def anything(o: Output[Artifact]):
    pass


Results = NamedTuple("Results", [("x", dict), ("z", Dataset), ("m", Model), ("q", list), ("p", str)])


@dsl.pipeline
def pipeline(
    a: Optional[int], model: Model, many: List[Artifact], f: Input[Dataset] = None, b: Optional[str] = None
) -> Results:
    made = several()
    paths(a=model, b=made.outputs["c"], c=made.outputs["p"], g=made.outputs["o"])
    optional(a=a, b=b, f=f, g=1)
    optional(a=1, g=2)
    thing = anything().output
    types(a={}, b=[], c=[1], d={}, e=[{}], f=made.outputs["q"], m=thing, h=thing, md=thing, li=many)
    out = made.outputs
    return Results(x=out["a"], z=out["c"], m=out["o"], q=out["q"], p=out["p"])
