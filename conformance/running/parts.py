"""Components that the pipelines are made of, besides `conformance.steps`."""

from typing import List, NamedTuple

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Output


@dsl.component
def show_int(value: int) -> str:
    return repr(value)


@dsl.component
def show_float(value: float) -> str:
    return repr(value)


@dsl.component
def show_bool(value: bool) -> str:
    return repr(value)


@dsl.component
def show_text(value: str) -> str:
    return repr(value)


@dsl.component
def show_list(value: list) -> str:
    return repr(value)


@dsl.component
def show_dict(value: dict) -> str:
    return repr(value)


@dsl.component
def upper(text: str) -> str:
    return text.upper()


@dsl.component
def concat(a: str, b: str) -> str:
    return a + b


@dsl.component
def broken(text: str = "broken") -> str:
    raise ValueError(text)


@dsl.component
def write(text: str, data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write(text)
    data.metadata["length"] = len(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return file.read()


@dsl.component
def read_any(thing: Input[Artifact]) -> str:
    with open(thing.path) as file:
        return file.read()


@dsl.component
def read_all(data: Input[List[Dataset]]) -> str:
    texts = []
    for each in data:
        with open(each.path) as file:
            texts.append(file.read())
    return ",".join(texts)


@dsl.component
def count_letters(data: Input[Dataset]) -> int:
    return data.metadata["length"]


@dsl.component
def note(status: dsl.PipelineTaskFinalStatus, prefix: str = "") -> str:
    return f"{prefix}{status.state} {status.pipeline_task_name}"


@dsl.component
def reason(status: dsl.PipelineTaskFinalStatus) -> str:
    return f"{status.error_code} {status.error_message}"


@dsl.component
def mixed() -> NamedTuple("Outputs", [("number", int), ("text", str), ("items", list), ("table", dict)]):
    outputs = NamedTuple("Outputs", [("number", int), ("text", str), ("items", list), ("table", dict)])
    return outputs(7, "seven", [1, 2, 3], {"a": 1, "b": [2]})


@dsl.component
def append(path: str, text: str) -> str:
    with open(path, "a") as file:
        file.write(text)
    return text


@dsl.component
def contents(path: str) -> str:
    with open(path) as file:
        return file.read()


@dsl.component
def at_attempt(path: str, wanted: int) -> int:
    """Fails until it has been started a number of times."""
    with open(path, "a") as file:
        file.write("x")
    with open(path) as file:
        attempt = len(file.read())
    if attempt < wanted:
        raise RuntimeError(f"attempt {attempt}")
    return attempt


@dsl.component
def meet(folder: str, name: str, count: int) -> str:
    """Waits until as many tasks as are to meet are there."""
    import os
    import time

    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w"):
        pass
    for _ in range(2000):  # a busy machine takes its time
        if len(os.listdir(folder)) >= count:
            return "met"
        time.sleep(0.1)
    raise TimeoutError(f"{name} is alone")
