"""Components that the corpus's pipelines are made of."""

from typing import Dict, List, NamedTuple, Optional

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Metrics, Model, Output


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def double(number: float) -> float:
    return 2 * number


@dsl.component
def flip() -> str:
    return "heads"


@dsl.component
def say(text: str) -> str:
    return text


@dsl.component
def check(flag: bool) -> bool:
    return not flag


@dsl.component
def numbers() -> List[int]:
    return [1, 2, 3]


@dsl.component
def total(values: List[int]) -> int:
    return sum(values)


@dsl.component
def words() -> List[str]:
    return ["a", "b"]


@dsl.component
def join(values: List[str]) -> str:
    return ",".join(values)


@dsl.component
def rows() -> List[Dict[str, int]]:
    return [{"a": 1, "b": 2}]


@dsl.component
def table() -> Dict[str, int]:
    return {"a": 1}


@dsl.component
def count(table: Dict[str, int]) -> int:
    return len(table)


@dsl.component
def two() -> NamedTuple("Outputs", [("number", int), ("text", str)]):
    return (1, "a")


@dsl.component
def maybe(text: str, extra: Optional[str] = None) -> str:
    return f"{text}{extra}"


@dsl.component
def done(message: str = "done"):
    print(message)


@dsl.component
def status_of(status: dsl.PipelineTaskFinalStatus, note: str = "none"):
    print(status, note)


@dsl.component
def make_dataset(rows: int, data: Output[Dataset]):
    data.metadata["rows"] = rows


@dsl.component
def train(data: Input[Dataset], model: Output[Model], metrics: Output[Metrics], rate: float = 0.1) -> float:
    return rate


@dsl.component
def evaluate(model: Input[Model], data: Input[Dataset]) -> float:
    return 0.5


@dsl.component
def gather(data: Input[List[Dataset]]) -> int:
    return len(data)


@dsl.component
def show(thing: Input[Artifact]):
    print(thing.uri)
