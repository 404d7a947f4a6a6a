"""Mistakes that a type checker reports, in each line that says so and in no other."""

import kfp
from kfp import dsl, kubernetes, local


@dsl.component
def add(a: int, b: int) -> int:
    return a + b


@dsl.component
def body(table: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]) -> None:
    table.nothing  # refused
    model.log_metric("loss", 0.5)  # refused


@dsl.component
def calls(path: dsl.OutputPath(int)) -> None:  # refused
    print(path)  # `Annotated[str, dsl.OutputPath(int)]` is accepted


@dsl.component(base_image=3)  # refused
def image() -> None: ...


@dsl.component(bose_image="python:3.12")  # refused
def typo() -> None: ...


@dsl.component(packages_to_install="numpy")  # refused
def packages() -> None: ...


@dsl.container_component
def container(n: int) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine", command="echo")  # refused


@dsl.container_component  # refused
def nothing(n: int) -> None: ...


@dsl.pipeline(title="no")  # refused
def setting() -> None: ...


@dsl.pipeline
def pipeline(x: int) -> int:
    task = add(a=x, b=1)
    add(1, 2)  # refused
    task.set_cpu_limit(1)  # refused
    task.set_cpu_limits("1")  # refused
    task.set_retry("2")  # refused
    task.after("add")  # refused
    task.nothing  # refused
    task.outputs[0]  # refused
    for output in task:  # refused
        print(output)
    with dsl.If("heads"):  # refused
        add(a=1, b=2)
    with dsl.If(task):  # refused
        add(a=1, b=2)
    with dsl.ParallelFor(3):  # refused
        add(a=1, b=2)
    with dsl.ParallelFor([1], parallelism="2"):  # refused
        add(a=1, b=2)
    with dsl.ExitHandler(add):  # refused
        add(a=1, b=2)
    dsl.Collected(task)  # refused
    dsl.importer(artifact_uri=3, artifact_class=dsl.Dataset)  # refused
    kubernetes.use_secret_as_env(add, secret_name="s", secret_key_to_env={})  # refused
    kubernetes.set_timeout(task, "60")  # refused
    dsl.Datset  # refused
    kfp.nothing  # refused
    add.nothing  # refused
    return task  # refused


local.init("subprocess")  # refused
