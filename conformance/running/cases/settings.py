"""Settings of tasks and pipelines that change no result, and components with special inputs."""

import tempfile
from pathlib import Path

from conformance import steps
from conformance.running import parts
from conformance.running.case import component_runs, given, runs
from kfp import dsl


@runs(given(x=1).makes(2), name="a-name-of-its-own", description="It adds.", display_name="Adds up")
def of_the_pipeline(x: int) -> int:
    return steps.add(a=x).output


@runs(given(x=1).makes(2))
def resources(x: int) -> int:
    task = steps.add(a=x).set_cpu_request("0.1").set_cpu_limit("1").set_memory_request("16Mi").set_memory_limit("1Gi")
    return task.set_display_name("Adds up").set_caching_options(False).output


@runs(given(x=1, cpu="500m").makes(2))
def resources_from_parameters(x: int, cpu: str) -> int:
    return steps.add(a=x).set_cpu_limit(cpu).set_memory_limit("1G").output


@runs(given(x=1).makes(4))
def caching_options(x: int) -> int:
    one = steps.add(a=x).set_caching_options(True)
    two = steps.add(a=x, b=1).set_caching_options(enable_caching=True, cache_key="mine")
    return steps.add(a=one.output, b=two.output).set_caching_options(False).output


@component_runs(given().makes("a b c"))
def an_embedded_file():
    file = Path(tempfile.mkdtemp()) / "words.txt"
    file.write_text("a b c")

    @dsl.component(embedded_artifact_path=str(file))
    def step(words: dsl.EmbeddedInput[dsl.Dataset]) -> str:
        with open(words.path) as opened:
            return opened.read()

    @dsl.pipeline
    def embedded() -> str:
        return step().output

    return embedded


@component_runs(given().makes("one two"))
def an_embedded_directory():
    folder = Path(tempfile.mkdtemp()) / "words"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a.txt").write_text("one")
    (folder / "b.txt").write_text("two")

    @dsl.component(embedded_artifact_path=str(folder))
    def step(words: dsl.EmbeddedInput[dsl.Dataset]) -> str:
        import os

        with open(os.path.join(words.path, "inner", "a.txt")) as a, open(os.path.join(words.path, "b.txt")) as b:
            return f"{a.read()} {b.read()}"

    @dsl.pipeline
    def embedded() -> str:
        return step().output

    return embedded


def double_it(x):
    return 2 * x


@component_runs(given(x=4).makes(8))
def additional_functions():
    @dsl.component(additional_funcs=[double_it])
    def step(x: int) -> int:
        return double_it(x)

    return step


@component_runs(given(num=3).makes("3"))
def a_task_config():
    @dsl.component(task_config_passthroughs=[dsl.TaskConfigField.RESOURCES])
    def step(num: int, config: dsl.TaskConfig) -> str:
        return str(num)

    @dsl.pipeline
    def configured(num: int) -> str:
        return step(num=num).set_cpu_limit("2").output

    return configured


@runs(given(x=1).makes("1"))
def many_inner_functions(x: int) -> str:
    return inner(x=x).output


@dsl.component
def inner(x: int) -> str:
    """Has functions, a class and imports of its own.

    Args:
        x: A number.
    """
    import json
    from dataclasses import dataclass

    @dataclass
    class Box:
        value: int

        def text(self):
            return json.dumps(self.value)

    def unpack(box):
        return box.text()

    return unpack(Box(x))


@runs(given(class_="a", from_="b").makes("ab"))
def underscores_in_names(class_: str, from_: str) -> str:
    return parts.concat(a=class_, b=from_).output


@runs(given(x=1).fails("1"))
def a_step_that_ends_its_process(x: int):
    leaves(code=x)


@dsl.component
def leaves(code: int):
    import sys

    sys.exit(code)


@runs(given().makes("printed"))
def a_step_that_writes_much() -> str:
    return chatty().output


@dsl.component
def chatty() -> str:
    import sys

    for number in range(3000):
        print("line", number)
        print("error", number, file=sys.stderr)
    return "printed"
