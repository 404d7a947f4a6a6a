"""What is refused before anything is written, and what is not."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler import Compiler
from kfp.errors import AuthoringError
from kfp.ir import files
from kfp.ir.spec import Document
from kfp.location import definition


@dsl.component
def say(text: str) -> str:
    return text


def pipeline_of(component: Callable[..., Any], **arguments: Any) -> Any:
    @dsl.pipeline
    def around() -> None:
        component(**arguments)

    return around


def refusal(component: Any, tmp_path: Path) -> AuthoringError:
    """Compile over an old file, and return the error; the old file must be as it was, and no other be there."""
    path = tmp_path / "documents" / "pipeline.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("old", encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        Compiler().compile(component, str(path))
    assert path.read_text(encoding="utf-8") == "old"
    assert [found.name for found in path.parent.iterdir()] == ["pipeline.yaml"]
    return caught.value


def compiled(component: Any, tmp_path: Path) -> Document:
    Compiler().compile(component, str(tmp_path / "pipeline.yaml"))
    return files.read(tmp_path / "pipeline.yaml")


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({"packages_to_install": ["pandas", "numpy=>1"]}, "'numpy=>1' in its packages_to_install", "'numpy>=1'"),
        ({"packages_to_install": [""]}, "'' in its packages_to_install", "write a requirement"),
        ({"kfp_package_path": "kfp 2.17"}, "'kfp 2.17' in its kfp_package_path", "'kfp==2.17'"),
        (
            {"packages_to_install": ["numpy=1"], "target_image": "example.com/image:1"},
            "'numpy=1' in its packages_to_install",
            "'numpy==1'",
        ),
    ],
)
def test_requirements_that_pip_cannot_read(settings: dict[str, Any], message: str, hint: str, tmp_path: Path) -> None:
    def step() -> None:
        """Do nothing."""

    component = dsl.component(**settings)(step)
    for wrong in (component, pipeline_of(component), pipeline_of(pipeline_of(component))):
        error = refusal(wrong, tmp_path)
        assert message in error.message
        assert hint in str(error.hint)
        assert error.location == definition(step)


def test_requirements_that_pip_can_read(tmp_path: Path) -> None:
    @dsl.component(packages_to_install=["numpy>=1,<2", "./here", "git+https://example.com/x.git", "--pre"])
    def step() -> None:
        """Do nothing."""

    assert compiled(pipeline_of(step), tmp_path).spec.root.dag


def test_an_input_with_the_name_of_a_settings_input(tmp_path: Path) -> None:
    @dsl.component
    def step(cpu_limit: str) -> None:
        """Do nothing."""

    @dsl.pipeline
    def clash(cpu: str) -> None:
        step(cpu_limit="5").set_cpu_limit(cpu)

    @dsl.pipeline
    def constant() -> None:
        step(cpu_limit="5").set_cpu_limit("2")

    error = refusal(clash, tmp_path)
    assert "gets an input 'cpu_limit'" in error.message
    assert error.hint == "rename the input 'cpu_limit' of component 'step'"
    assert error.location is not None
    assert error.location.line == clash.pipeline_func.__code__.co_firstlineno + 2
    assert compiled(constant, tmp_path).spec.root.dag


def test_a_name_of_which_nothing_is_left(tmp_path: Path) -> None:
    @dsl.component
    def __() -> None:  # noqa: N807 - that is the mistake
        """Do nothing."""

    error = refusal(pipeline_of(__), tmp_path)
    assert "the name of '__' has no letter of a-z and no digit" in error.message
    assert error.location == definition(__.python_func)


def test_names_that_become_the_same_are_numbered(tmp_path: Path) -> None:
    def named(name: str) -> Any:
        def step() -> None:
            """Do nothing."""

        step.__name__ = step.__qualname__ = name
        return dsl.container_component(_container(step))

    components = [named(name) for name in ("my_step", "my__step", "My_Step", "for_loop_1", "condition_1")]

    @dsl.pipeline
    def all_of_them(x: int) -> None:
        for component in components:
            component().set_display_name("one name for all")
        with dsl.ParallelFor([1, 2]), dsl.If(x > 1):
            for component in components:
                component()

    spec = compiled(all_of_them, tmp_path).spec
    assert spec.root.dag is not None
    assert [name for name in spec.root.dag.tasks if "step" in name] == ["my-step", "my-step-2", "my-step-3"]
    tasks = [name for part in (spec.root, *spec.components.values()) if part.dag for name in part.dag.tasks]
    assert len(tasks) == len(set(tasks)) == len(spec.components)


def _container(func: Callable[[], None]) -> Callable[[], Any]:
    def step() -> Any:
        return dsl.ContainerSpec(image="alpine")

    step.__name__ = func.__name__
    del step.__annotations__["return"]
    return step


def test_the_path_of_a_workspace_that_is_not_there(tmp_path: Path) -> None:
    @dsl.pipeline
    def inner() -> None:
        say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)

    error = refusal(pipeline_of(inner), tmp_path)
    assert "pipeline 'around' has no workspace" in error.message
    assert error.location is not None
    assert error.location.line == inner.pipeline_func.__code__.co_firstlineno + 2


@pytest.mark.parametrize("wrong", [3, say.python_func, None])
def test_what_is_no_pipeline(wrong: Any, tmp_path: Path) -> None:
    error = refusal(wrong, tmp_path)
    assert error.location is not None
    assert error.location.path == __file__
    assert linecache.getline(__file__, error.location.line).strip() == "Compiler().compile(component, str(path))"
