"""Python components and their options."""

from typing import NamedTuple

from conformance.cases import component, pipeline
from kfp import dsl
from kfp.dsl import Dataset, Output


@component
def a_component_alone():
    @dsl.component
    def add(a: int, b: int = 2) -> int:
        """Adds."""
        return a + b

    return add


@component
def a_decorator_with_parentheses():
    @dsl.component()
    def add(a: int) -> int:
        return a

    return add


@component
def base_image():
    @dsl.component(base_image="python:3.12-slim")
    def add(a: int) -> int:
        return a

    return add


@component
def packages_to_install():
    @dsl.component(packages_to_install=["numpy==1.26.4", "pyyaml>=6,<7", "requests[socks]"])
    def step():
        pass

    return step


@component
def packages_with_markers_and_paths():
    @dsl.component(packages_to_install=["pyyaml; python_version<'3.12'", "git+https://example.com/a.git@main"])
    def step():
        pass

    return step


@component
def pip_index_urls():
    @dsl.component(
        packages_to_install=["six"], pip_index_urls=["https://one.example.com/simple", "https://two.example.com/simple"]
    )
    def step():
        pass

    return step


@component
def pip_trusted_hosts():
    @dsl.component(
        packages_to_install=["six"],
        pip_index_urls=["http://one.example.com/simple"],
        pip_trusted_hosts=["one.example.com", "two.example.com:8080"],
    )
    def step():
        pass

    return step


@component
def an_index_without_packages():
    @dsl.component(pip_index_urls=["https://one.example.com/simple"])
    def step():
        pass

    return step


@component
def trusted_hosts_without_an_index():
    @dsl.component(packages_to_install=["six"], pip_trusted_hosts=["one.example.com"])
    def step():
        pass

    return step


@component
def a_virtual_environment():
    @dsl.component(packages_to_install=["six"], use_venv=True)
    def step():
        pass

    return step


@component
def a_virtual_environment_without_packages():
    @dsl.component(use_venv=True)
    def step():
        pass

    return step


@component
def without_the_kfp_package():
    @dsl.component(install_kfp_package=False)
    def step():
        pass

    return step


@component
def without_the_kfp_package_but_with_others():
    @dsl.component(install_kfp_package=False, packages_to_install=["six"])
    def step():
        pass

    return step


@component
def a_kfp_package_path():
    @dsl.component(kfp_package_path="git+https://example.com/pipelines.git#subdirectory=sdk")
    def step():
        pass

    return step


@component
def a_target_image():
    @dsl.component(base_image="python:3.11", target_image="registry.example.com/team/steps:v1")
    def step(a: int) -> int:
        return a

    return step


@component
def a_target_image_with_packages():
    @dsl.component(target_image="registry.example.com/team/steps:v1", packages_to_install=["numpy"])
    def step(a: int) -> int:
        return a

    return step


@component
def additional_functions():
    def helper(x: int) -> int:
        return 2 * x

    def another(x: int) -> int:
        """Helps the helper."""
        return helper(x) + 1

    @dsl.component(additional_funcs=[helper, another])
    def step(a: int) -> int:
        return another(a)

    return step


@component
def an_inner_function_and_an_import():
    @dsl.component
    def step(a: int) -> str:
        import json
        from os import path

        def inner(x: int) -> str:
            return json.dumps(path.join(str(x), "y"))

        return inner(a)

    return step


@component
def unusual_text_in_the_source():
    @dsl.component
    def step(a: str = 'it\'s "quoted" \\ {{$}} ünï') -> str:
        # a comment: with a colon, a tab	and ${dollars}
        text = f"""{a}
  indented %s $(x)
"""
        return text

    return step


@component
def a_google_docstring():
    @dsl.component
    def step(a: int, b: str = "x") -> str:
        """Does one thing.

        And explains it
        over two lines.

        Args:
            a: The first, a number.
            b: The second. It goes on
                in a second line.

        Returns:
            What comes out.
        """
        return f"{a}{b}"

    return step


@component
def a_sphinx_docstring():
    @dsl.component
    def step(a: int, b: str = "x") -> str:
        """Does one thing.

        :param a: The first.
        :param b: The second.
        :return: The result.
        """
        return f"{a}{b}"

    return step


@component
def a_docstring_with_several_outputs():
    @dsl.component
    def step(a: int, data: Output[Dataset]) -> NamedTuple("Outputs", [("x", int), ("y", str)]):
        """Returns two.

        Args:
            a: A number.

        Returns:
            data: A table.
            x: A number.
            y: A text.
        """
        return (a, "y")

    return step


@component
def a_docstring_of_artifacts():
    @dsl.component
    def step(data: Output[Dataset]):
        """Makes a table.

        Args:
            data: The table.
        """

    return step


@component
def underscores_in_names():
    @dsl.component
    def a_step_with_under__scores(first_input_: int, second: int) -> int:
        return first_input_

    return a_step_with_under__scores


@pipeline
def the_same_component_many_times(x: int):
    @dsl.component
    def step(a: int) -> int:
        return a

    task = step(a=x)
    for _ in range(3):
        task = step(a=task.output)


@pipeline
def components_of_one_name():
    def first():
        @dsl.component
        def step(a: int) -> int:
            return a

        return step

    def second():
        @dsl.component
        def step(b: str) -> str:
            return b

        return step

    first()(a=1)
    second()(b="x")
    first()(a=2)


@pipeline
def one_component_with_different_settings():
    @dsl.component
    def step(a: int) -> int:
        return a

    step(a=1).set_cpu_limit("1")
    step(a=1).set_env_variable("A", "b")
    step(a=1)


@pipeline
def an_embedded_input():
    @dsl.component
    def step() -> str:
        return "x"

    step()


@component
def task_config_passthroughs():
    @dsl.component(
        task_config_passthroughs=[
            dsl.TaskConfigField.RESOURCES,
            dsl.TaskConfigField.KUBERNETES_TOLERATIONS,
            dsl.TaskConfigField.KUBERNETES_NODE_SELECTOR,
            dsl.TaskConfigField.KUBERNETES_AFFINITY,
            dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True),
            dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.KUBERNETES_VOLUMES, apply_to_task=True),
        ]
    )
    def step(num: int, config: dsl.TaskConfig):
        print(num, config)

    return step


@pipeline
def a_task_config_in_a_pipeline(num: int = 3):
    @dsl.component(task_config_passthroughs=[dsl.TaskConfigField.RESOURCES])
    def step(num: int, config: dsl.TaskConfig):
        print(num, config)

    step(num=num).set_cpu_limit("2")


@component
def an_embedded_file():
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp())
    file = folder / "words.txt"
    file.write_text("a b c")

    @dsl.component(embedded_artifact_path=str(file))
    def step(words: dsl.EmbeddedInput[dsl.Dataset]) -> str:
        with open(words.path) as opened:
            return opened.read()

    return step
