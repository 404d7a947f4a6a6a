"""Every mistake names the author's file and line."""

from __future__ import annotations

import inspect
import linecache
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import Case, corpus
from kfp.errors import SkiffError
from kfp.location import Location

MISTAKES = {case.name: case for case in corpus() if case.wrong}
COMPILED = {"collected_is_looped_over", "one_of_in_an_f_string"}
"""What only upstream refuses."""

LINES = {
    "a_missing_argument": "steps.add()",
    "an_unknown_argument": "steps.add(a=1, z=2)",
    "a_positional_argument": "steps.add(1)",
    "text_for_an_integer": 'steps.add(a="x")',
    "an_integer_for_text": "steps.say(text=1)",
    "a_channel_of_another_type": "steps.add(a=x)",
    "a_task_output_of_another_type": "steps.add(a=steps.flip().output)",
    "an_artifact_for_a_parameter": 'steps.add(a=steps.make_dataset(rows=1).outputs["data"])',
    "a_parameter_for_an_artifact": "steps.show(thing=steps.flip().output)",
    "a_constant_for_an_artifact": 'steps.show(thing="x")',
    "an_artifact_of_another_class": "steps.evaluate(",
    "a_list_of_artifacts_for_one": "steps.show(thing=data)",
    "one_artifact_for_a_list": 'steps.gather(data=steps.make_dataset(rows=1).outputs["data"])',
    "none_for_an_input": 'steps.maybe(text="a", extra=None)',
    "an_integer_for_a_float": "steps.double(number=3)",
    "a_task_for_a_channel": "steps.say(text=steps.flip())",
    "output_of_a_task_with_several": "steps.say(text=steps.two().output)",
    "output_of_a_task_with_none": "steps.say(text=steps.done().output)",
    "an_unknown_output": 'steps.say(text=steps.two().outputs["nothing"])',
    "a_value_from_a_condition_used_outside": "steps.add(a=made.output)",
    "a_value_from_a_loop_used_outside": "steps.add(a=made.output)",
    "a_value_from_one_branch_in_another": "steps.add(a=made.output)",
    "a_value_from_an_exit_handler_used_outside": "steps.say(text=made.output)",
    "after_a_task_in_a_condition": "steps.done().after(first)",
    "after_a_task_in_another_condition": "steps.done().after(first)",
    "collected_inside_its_own_loop": "steps.total(values=dsl.Collected(made.output))",
    "collected_without_a_loop": "steps.total(values=dsl.Collected(made.output))",
    "collected_for_a_single_value": "steps.add(a=dsl.Collected(made.output))",
    "one_of_without_else": "steps.say(text=dsl.OneOf(first.output, second.output))",
    "one_of_of_one": "steps.say(text=dsl.OneOf(first.output))",
    "one_of_of_two_types": "steps.say(text=dsl.OneOf(first.output, second.output))",
    "one_of_of_two_artifact_classes": 'steps.show(thing=dsl.OneOf(first.outputs["data"], second.outputs["model"]))',
    "one_of_of_parameter_and_artifact": 'steps.show(thing=dsl.OneOf(first.outputs["data"], second.output))',
    "one_of_of_different_conditions": "steps.say(text=dsl.OneOf(first.output, second.output))",
    "one_of_of_one_of": "return dsl.OneOf(inner, second.output)",
    "one_of_inside_its_own_branch": "steps.say(text=dsl.OneOf(first.output, second.output))",
    "else_without_if": "with dsl.Else():",
    "elif_without_if": "with dsl.Elif(x > 1):",
    "two_elses": "with dsl.Else():",
    "a_condition_on_a_channel_alone": "with dsl.If(flag):",
    "a_condition_on_an_artifact": 'with dsl.If(made.outputs["data"] == "x"):',
    "a_loop_over_text": "with dsl.ParallelFor(x) as item:",
    "a_loop_over_nothing": "with dsl.ParallelFor([]) as item:",
    "a_loop_over_one_artifact": "with dsl.ParallelFor(data) as item:",
    "a_loop_over_items_of_mixed_types": "steps.say(text=item)",
    "a_loop_over_mixed_numbers_for_floats": "steps.double(number=item)",
    "negative_parallelism": "with dsl.ParallelFor([1], parallelism=-1) as item:",
    "an_unknown_subvariable": "steps.add(a=item.z)",
    "an_exit_task_with_a_dependency": "with dsl.ExitHandler(last):",
    "an_exit_handler_in_a_loop": "with dsl.ExitHandler(last):",
    "an_exit_handler_in_an_exit_handler": "with dsl.ExitHandler(second):",
    "an_exit_handler_without_a_task": "with dsl.ExitHandler(None):",
    "a_final_status_outside_an_exit_handler": "steps.status_of()",
    "an_output_from_an_exit_handler": "return made.output",
    "an_output_from_a_condition": "return made.output",
    "an_output_from_a_loop": "return made.output",
    "an_output_of_another_type": "return steps.flip().output",
    "an_output_that_is_not_annotated": "return steps.flip().output",
    "an_output_that_is_not_returned": "def p() -> str:",
    "a_constant_as_an_output": 'return "x"',
    "a_pipeline_without_tasks": "def p():",
    "a_pipeline_input_without_an_annotation": "def p(x):",
    "a_component_input_without_an_annotation": "def step(x):",
    "a_component_input_of_an_unknown_type": "def step(x: Mine):",
    "an_artifact_input_with_a_default": 'def step(x: Input[Dataset] = "gs://x"):',
    "an_output_that_is_a_list_of_artifacts": "def step(x: Output[List[Dataset]]):",
    "an_artifact_class_of_an_unknown_namespace": "def step(x: Input[vertex.Volume]):",
    "variable_arguments": "def step(*values: int):",
    "a_default_of_another_type": 'def step(x: int = "a"):',
    "none_inside_a_constant": 'steps.count(table={"a": None})',
    "an_object_inside_a_constant": 'steps.count(table={"a": object()})',
    "cpu_that_is_no_number": 'steps.done().set_cpu_limit("many")',
    "memory_of_an_unknown_unit": 'steps.done().set_memory_limit("3Xi")',
    "accelerators_that_are_no_number": 'steps.done().set_accelerator_type("x").set_accelerator_limit("two")',
    "a_broken_duration": 'steps.done().set_retry(1, backoff_duration="soon")',
    "a_fraction_of_an_hour": 'steps.done().set_retry(1, backoff_duration="1.5h")',
    "a_debug_pause_that_contradicts_itself": "steps.done().set_debug_pause(before=False, after=False, on_error=True)",
    "an_environment_variable_from_a_channel": 'steps.done().set_env_variable("A", x)',
    "resources_of_an_importer": 'dsl.importer(artifact_uri="gs://x", artifact_class=Dataset).set_cpu_limit("1")',
    "an_importer_of_no_artifact": 'dsl.importer(artifact_uri="gs://x", artifact_class=int)',
    "ignore_upstream_failure_of_a_needed_input": "steps.say(text=made.output).ignore_upstream_failure()",
    "settings_of_a_subpipeline": 'inner().set_cpu_limit("1")',
    "an_image_of_a_subpipeline": 'inner().set_container_image("alpine")',
    "a_task_of_another_pipeline": "steps.say(text=kept[0].output)",
    "empty_text": 'return components.load_component_from_text("")',
    "text_that_is_no_component": 'return components.load_component_from_text("a: 1\\nb: 2\\n")',
    "broken_yaml": 'return components.load_component_from_text("name: [")',
    "a_file_that_is_absent": 'return components.load_component_from_file("/nonexistent/component.yaml")',
    "an_empty_workspace_size": 'return dsl.WorkspaceConfig(size="")',
    "a_negative_deadline": "@dsl.pipeline(pipeline_config=dsl.PipelineConfig(active_deadline_seconds=-1))",
    "a_named_tuple_with_a_missing_field": "return outputs(a=steps.flip().output)",
    "a_constant_condition": "with dsl.If(1 == 1):  # noqa: PLR0133",
    "a_container_that_adds_to_text": 'return dsl.ContainerSpec(image="alpine", args=["x" + a])',
    "a_container_that_computes_with_an_input": 'return dsl.ContainerSpec(image="alpine", args=[a + 1])',
    "a_container_that_returns_nothing": "def step():",
    "a_container_with_a_return_annotation": "def step() -> str:",
    "a_cycle": "first, second = steps.done(), steps.done()",
    "a_name_of_an_artifact_in_a_container": 'return dsl.ContainerSpec(image="alpine", args=[data.name])',
    "a_pipeline_inside_a_pipeline": "def inner():",
    "a_workspace_path_without_a_workspace": "steps.say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)",
    "a_workspace_without_a_size": "return dsl.WorkspaceConfig()",
    "an_optional_artifact_of_a_needed_input": "steps.evaluate(model=model)",
    "an_undefined_name_in_the_pipeline": "steps.nothing()",
    "if_present_of_an_unknown_input": (
        'return dsl.ContainerSpec(image="alpine", args=[dsl.IfPresentPlaceholder(input_name="z", then=a)])'
    ),
}
"""The line that is wrong, of the function that makes each mistake."""

LAST = {"two_elses": "with dsl.Else():"}
"""Lines that stand in their function twice; the second is wrong."""

ELSEWHERE = {"a_plain_function", "what_is_no_pipeline"}
"""What `conformance.cases` compiles; it is that call which is wrong."""


def location(case: Case, folder: Path) -> Location:
    """Return where the error of a case says that it is: an error of Python's own has its traceback for that."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of whichever type
        case.compile(folder / "pipeline.yaml")
    error = caught.value
    if not isinstance(error, SkiffError):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return Location(frame.filename, frame.lineno or 0)
    assert error.location is not None
    assert str(error).startswith(f"{error.location}: {error.message}")
    return error.location


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - COMPILED))
def test_a_mistake_names_its_line(name: str, tmp_path: Path) -> None:
    case = MISTAKES[name]
    found = location(case, tmp_path)
    assert not (tmp_path / "pipeline.yaml").exists()
    if name in ELSEWHERE:
        assert linecache.getline(found.path, found.line).strip().startswith("compiler.Compiler().compile(made")
        return
    lines, start = inspect.getsourcelines(case.make)
    texts = [line.strip() for line in lines]
    assert found.path == inspect.getsourcefile(case.make)
    assert texts[found.line - start] == LINES[name]
    assert texts.count(LINES[name]) == 1 or found.line - start == len(texts) - 1 - texts[::-1].index(LINES[name])


HEAD = """\
from typing import NamedTuple

from kfp import compiler, dsl


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


"""
PIPELINES = {
    "a call in a function that the pipeline calls": (
        """
        def part():
            return add(a="x")  # here

        @dsl.pipeline
        def p():
            part()
        """,
        "argument 'a' of component 'add' takes an integer",
    ),
    "a call in a loop of Python's own": (
        """
        @dsl.pipeline
        def p():
            list(map(
                lambda a: add(a=a),  # here
                [1, "x"],
            ))
        """,
        "argument 'a' of component 'add' takes an integer",
    ),
    "an inner pipeline": (
        """
        @dsl.pipeline
        def inner(x: int):
            with dsl.If(x > 1):
                made = add(a=x)
            add(a=made.output)  # here

        @dsl.pipeline
        def p():
            inner(x=1)
        """,
        "from outside dsl.If",
    ),
    "one of several returns": (
        """
        @dsl.pipeline
        def p(x: int) -> str:  # here
            if x is None:
                return add(a=1).output
            return add(a=2).output
        """,
        "output 'Output' of pipeline 'p' takes text",
    ),
    "a name that is not defined in a component": (
        """
        @dsl.component
        def step() -> int:
            value = 1
            return value + missing  # here

        @dsl.pipeline
        def p():
            step()
        """,
        "name 'missing' is not defined in component 'step'",
    ),
    "a requirement": (
        """
        @dsl.component(
            packages_to_install=["numpy=1"],
        )
        def step() -> int:  # here
            return 1

        @dsl.pipeline
        def p():
            step()
        """,
        "component 'step' has 'numpy=1' in its packages_to_install",
    ),
    "an argument of a decorator": (
        """
        @dsl.component(packages_to_install="numpy")  # here
        def step() -> int:
            return 1

        @dsl.pipeline
        def p():
            step()
        """,
        "packages_to_install takes a list of texts",
    ),
    "a truth test": (
        """
        @dsl.pipeline
        def p():
            if add(a=1).output:  # here
                add(a=2)
        """,
        "the truth of the output 'Output' of task 'add'",
    ),
    "a chain of comparisons": (
        """
        @dsl.pipeline
        def p(x: int):
            with dsl.If((x > 1) and (x < 5)):  # here
                add(a=2)
        """,
        "is decided while the pipeline is built",
    ),
    "an exception of the author's": (
        """
        @dsl.pipeline
        def p():
            add(a=1 // 0)  # here
        """,
        "ZeroDivisionError",
    ),
    "a document": (
        """
        from kfp import components

        step = components.load_component_from_text("a: 1")  # here
        """,
        "not a PipelineSpec",
    ),
}


@pytest.mark.parametrize("title", PIPELINES)
def test_the_command_shows_the_line(title: str, tmp_path: Path) -> None:
    body, message = PIPELINES[title]
    text = HEAD + textwrap.dedent(body)
    (tmp_path / "pipeline.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "kfp.cli", "dsl", "compile", "--py", "pipeline.py", "--output", "p.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# here"))
    assert done.stderr.startswith(f"error: pipeline.py:{line}: "), done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert not (tmp_path / "p.yaml").exists()


def compiled(text: str, name: str) -> Any:
    """Run a text as a file of that name does, and return the error."""
    with pytest.raises((SkiffError, ZeroDivisionError)) as caught:
        exec(compile(HEAD + textwrap.dedent(text), name, "exec"), {})  # noqa: S102 - as an interpreter or a notebook does
    return caught.value


def test_an_exception_of_the_authors_is_its_own() -> None:
    error = compiled(PIPELINES["an exception of the author's"][0], "mine.py")
    assert type(error) is ZeroDivisionError
    frame = traceback.extract_tb(error.__traceback__)[-1]
    assert (frame.filename, frame.lineno) == ("mine.py", HEAD.count("\n") + 4)


@pytest.mark.parametrize("name", ["<stdin>", "<string>", "<ipython-input-1-a>", "/tmp/ipykernel_1/2.py", "mine.py"])
def test_code_that_is_in_no_file(name: str) -> None:
    error = compiled(PIPELINES["a truth test"][0], name)
    assert error.location == Location(name, HEAD.count("\n") + 4)
    assert str(error).startswith(f"{name}:{error.location.line}: the truth")


def test_an_error_at_compilation_names_the_call(tmp_path: Path) -> None:
    text = """
    @dsl.pipeline
    def p(x: int):
        add(a=x)

    compiler.Compiler().compile(p, "/nowhere/p.yaml", pipeline_parameters={"y": 1})
    """
    path = tmp_path / "mine.py"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    error = compiled(text, str(path))
    assert error.message == "pipeline 'p' has no parameter 'y'"
    assert error.location == Location(str(path), HEAD.count("\n") + 6)
