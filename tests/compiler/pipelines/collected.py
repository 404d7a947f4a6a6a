"""Values and artifacts of one loop and of two, taken by tasks and returned."""
# ruff: noqa: ANN201, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 3) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def total(items: List[int]) -> int:
    return sum(items)


@dsl.component(base_image="python:3.11")
def total_of_lists(items: List[List[int]]) -> int:
    return sum(map(sum, items))


@dsl.component(base_image="python:3.11")
def make(data: dsl.Output[dsl.Dataset], n: int = 1):
    print(n)


@dsl.component(base_image="python:3.11")
def use_all(data: dsl.Input[List[dsl.Dataset]]) -> int:
    return 1


@dsl.pipeline
def pipeline(items: List[int]) -> List[int]:
    with dsl.ParallelFor([1, 2, 3]) as i:
        first = add(a=i)
        made = make(n=i)
        with dsl.ParallelFor(items) as j:
            second = add(a=j, b=first.output)
        total(items=dsl.Collected(second.output))
    total(items=dsl.Collected(first.output))
    use_all(data=dsl.Collected(made.outputs["data"]))
    total_of_lists(items=dsl.Collected(second.output))
    return dsl.Collected(first.output)
