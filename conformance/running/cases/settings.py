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


@component_runs(given(num=3, memory="1Gi").makes("3 {'limits': {'cpu': '2', 'memory': '1Gi'}} None None"))
def a_task_config():
    @dsl.component(task_config_passthroughs=[dsl.TaskConfigField.RESOURCES])
    def step(num: int, config: dsl.TaskConfig) -> str:
        import os

        return f"{num} {config.resources} {config.env} {os.environ.get('CORPUS_VARIABLE')}"

    @dsl.pipeline
    def configured(num: int, memory: str) -> str:
        return step(num=num).set_cpu_limit("2").set_memory_limit(memory).output

    return configured


@component_runs(
    given().makes(["[{'name': 'CORPUS_VARIABLE', 'value': 'a'}] None", "[{'name': 'CORPUS_VARIABLE', 'value': 'b'}] b"])
)
def variables_in_a_task_config():
    @dsl.component(task_config_passthroughs=[dsl.TaskConfigField.ENV])
    def told(config: dsl.TaskConfig) -> str:
        import os

        return f"{config.env} {os.environ.get('CORPUS_VARIABLE')}"

    @dsl.component(
        task_config_passthroughs=[dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True)]
    )
    def given_too(config: dsl.TaskConfig) -> str:
        import os

        return f"{config.env} {os.environ.get('CORPUS_VARIABLE')}"

    @dsl.component
    def both(a: str, b: str) -> list:
        return [a, b]

    @dsl.pipeline
    def configured() -> list:
        one = told().set_env_variable("CORPUS_VARIABLE", "a")
        two = given_too().set_env_variable("CORPUS_VARIABLE", "b")
        return both(a=one.output, b=two.output).output

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


@dsl.component
def variable(name: str) -> str:
    import os

    return os.environ.get(name, "none")


@runs(given().makes("value|none"))
def variables_of_a_python_step() -> str:
    one = variable(name="CORPUS_VARIABLE").set_env_variable("CORPUS_VARIABLE", "value")
    two = variable(name="CORPUS_VARIABLE")
    return parts.concat(a=f"{one.output}|", b=two.output).output


@component_runs(
    given(zone="a").makes(
        [
            [{"key": "gpu", "operator": "Exists"}],
            {"zone": "a"},
            [{"name": "v", "emptyDir": {"medium": "Memory"}}],
            [{"name": "v", "mountPath": "/nowhere"}],
            False,
        ]
    )
)
def settings_for_kubernetes_in_a_task_config():
    from kfp import kubernetes

    asked = (
        dsl.TaskConfigField.KUBERNETES_TOLERATIONS,
        dsl.TaskConfigField.KUBERNETES_NODE_SELECTOR,
        dsl.TaskConfigField.KUBERNETES_VOLUMES,
    )

    @dsl.component(task_config_passthroughs=list(asked))
    def told(config: dsl.TaskConfig) -> list:
        import os

        there = os.path.exists("/nowhere")
        return [config.tolerations, config.node_selector, config.volumes, config.volume_mounts, there]

    @dsl.component
    def selector(zone: str) -> dict:
        return {"zone": zone}

    @dsl.pipeline
    def configured(zone: str) -> list:
        task = told()
        kubernetes.add_toleration(task, key="gpu", operator="Exists")
        kubernetes.add_node_selector_json(task, selector(zone=zone).output)
        kubernetes.empty_dir_mount(task, volume_name="v", mount_path="/nowhere", medium="Memory")
        return task.output

    return configured
