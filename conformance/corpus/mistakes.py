"""What must be refused, by both."""

from typing import List, NamedTuple, Optional

from conformance import steps, vertex
from conformance.cases import wrong
from kfp import components, dsl
from kfp.dsl import Dataset, Input, Model, Output


@wrong
def a_missing_argument():
    @dsl.pipeline
    def p():
        steps.add()

    return p


@wrong
def an_unknown_argument():
    @dsl.pipeline
    def p():
        steps.add(a=1, z=2)

    return p


@wrong
def a_positional_argument():
    @dsl.pipeline
    def p():
        steps.add(1)

    return p


@wrong
def text_for_an_integer():
    @dsl.pipeline
    def p():
        steps.add(a="x")

    return p


@wrong
def an_integer_for_text():
    @dsl.pipeline
    def p():
        steps.say(text=1)

    return p


@wrong
def a_channel_of_another_type():
    @dsl.pipeline
    def p(x: str):
        steps.add(a=x)

    return p


@wrong
def a_task_output_of_another_type():
    @dsl.pipeline
    def p():
        steps.add(a=steps.flip().output)

    return p


@wrong
def an_artifact_for_a_parameter():
    @dsl.pipeline
    def p():
        steps.add(a=steps.make_dataset(rows=1).outputs["data"])

    return p


@wrong
def a_parameter_for_an_artifact():
    @dsl.pipeline
    def p():
        steps.show(thing=steps.flip().output)

    return p


@wrong
def a_constant_for_an_artifact():
    @dsl.pipeline
    def p():
        steps.show(thing="x")

    return p


@wrong
def an_artifact_of_another_class():
    @dsl.pipeline
    def p():
        steps.evaluate(
            model=steps.make_dataset(rows=1).outputs["data"], data=steps.make_dataset(rows=1).outputs["data"]
        )

    return p


@wrong
def a_list_of_artifacts_for_one():
    @dsl.pipeline
    def p(data: Input[List[Dataset]]):
        steps.show(thing=data)

    return p


@wrong
def one_artifact_for_a_list():
    @dsl.pipeline
    def p():
        steps.gather(data=steps.make_dataset(rows=1).outputs["data"])

    return p


@wrong
def none_for_an_input():
    @dsl.pipeline
    def p():
        steps.maybe(text="a", extra=None)

    return p


@wrong
def an_integer_for_a_float():
    @dsl.pipeline
    def p():
        steps.double(number=3)

    return p


@wrong
def a_task_for_a_channel():
    @dsl.pipeline
    def p():
        steps.say(text=steps.flip())

    return p


@wrong
def output_of_a_task_with_several():
    @dsl.pipeline
    def p():
        steps.say(text=steps.two().output)

    return p


@wrong
def output_of_a_task_with_none():
    @dsl.pipeline
    def p():
        steps.say(text=steps.done().output)

    return p


@wrong
def an_unknown_output():
    @dsl.pipeline
    def p():
        steps.say(text=steps.two().outputs["nothing"])

    return p


@wrong
def a_value_from_a_condition_used_outside():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            made = steps.add(a=x)
        steps.add(a=made.output)

    return p


@wrong
def a_value_from_a_loop_used_outside():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        steps.add(a=made.output)

    return p


@wrong
def a_value_from_one_branch_in_another():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            made = steps.add(a=x)
        with dsl.Else():
            steps.add(a=made.output)

    return p


@wrong
def a_value_from_an_exit_handler_used_outside():
    @dsl.pipeline
    def p():
        last = steps.done()
        with dsl.ExitHandler(last):
            made = steps.flip()
        steps.say(text=made.output)

    return p


@wrong
def after_a_task_in_a_condition():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.done()
        steps.done().after(first)

    return p


@wrong
def after_a_task_in_another_condition():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.done()
        with dsl.If(x > 2):
            steps.done().after(first)

    return p


@wrong
def collected_inside_its_own_loop():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
            steps.total(values=dsl.Collected(made.output))

    return p


@wrong
def collected_without_a_loop():
    @dsl.pipeline
    def p():
        made = steps.add(a=1)
        steps.total(values=dsl.Collected(made.output))

    return p


@wrong
def collected_for_a_single_value():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        steps.add(a=dsl.Collected(made.output))

    return p


@wrong
def collected_is_looped_over():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, 2]) as item:
            made = steps.add(a=item)
        with dsl.ParallelFor(dsl.Collected(made.output)) as item:
            steps.add(a=item)

    return p


@wrong
def one_of_without_else():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        with dsl.Elif(x > 0):
            second = steps.flip()
        steps.say(text=dsl.OneOf(first.output, second.output))

    return p


@wrong
def one_of_of_one():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        steps.say(text=dsl.OneOf(first.output))

    return p


@wrong
def one_of_of_two_types():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        with dsl.Else():
            second = steps.add(a=1)
        steps.say(text=dsl.OneOf(first.output, second.output))

    return p


@wrong
def one_of_of_two_artifact_classes():
    @dsl.pipeline
    def p(x: int):
        data = steps.make_dataset(rows=1).outputs["data"]
        with dsl.If(x > 1):
            first = steps.make_dataset(rows=1)
        with dsl.Else():
            second = steps.train(data=data)
        steps.show(thing=dsl.OneOf(first.outputs["data"], second.outputs["model"]))

    return p


@wrong
def one_of_of_parameter_and_artifact():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.make_dataset(rows=1)
        with dsl.Else():
            second = steps.flip()
        steps.show(thing=dsl.OneOf(first.outputs["data"], second.output))

    return p


@wrong
def one_of_of_different_conditions():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        with dsl.If(x > 2):
            steps.flip()
        with dsl.Else():
            second = steps.flip()
        steps.say(text=dsl.OneOf(first.output, second.output))

    return p


@wrong
def one_of_of_one_of():
    @dsl.pipeline
    def p(x: int) -> str:
        with dsl.If(x > 1):
            with dsl.If(x > 3):
                one = steps.flip()
            with dsl.Else():
                two = steps.flip()
            inner = dsl.OneOf(one.output, two.output)
        with dsl.Else():
            second = steps.flip()
        return dsl.OneOf(inner, second.output)

    return p


@wrong
def one_of_in_an_f_string():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        with dsl.Else():
            second = steps.flip()
        steps.say(text=f"chosen {dsl.OneOf(first.output, second.output)}")

    return p


@wrong
def one_of_inside_its_own_branch():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            first = steps.flip()
        with dsl.Else():
            second = steps.flip()
            steps.say(text=dsl.OneOf(first.output, second.output))

    return p


@wrong
def else_without_if():
    @dsl.pipeline
    def p():
        with dsl.Else():
            steps.done()

    return p


@wrong
def elif_without_if():
    @dsl.pipeline
    def p(x: int):
        with dsl.Elif(x > 1):
            steps.done()

    return p


@wrong
def two_elses():
    @dsl.pipeline
    def p(x: int):
        with dsl.If(x > 1):
            steps.done()
        with dsl.Else():
            steps.done()
        with dsl.Else():
            steps.done()

    return p


@wrong
def a_constant_condition():
    @dsl.pipeline
    def p():
        with dsl.If(1 == 1):  # noqa: PLR0133
            steps.done()

    return p


@wrong
def a_condition_on_a_channel_alone():
    @dsl.pipeline
    def p(flag: bool):
        with dsl.If(flag):
            steps.done()

    return p


@wrong
def a_condition_on_an_artifact():
    @dsl.pipeline
    def p():
        made = steps.make_dataset(rows=1)
        with dsl.If(made.outputs["data"] == "x"):
            steps.done()

    return p


@wrong
def a_loop_over_text():
    @dsl.pipeline
    def p(x: str):
        with dsl.ParallelFor(x) as item:
            steps.say(text=item)

    return p


@wrong
def a_loop_over_nothing():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([]) as item:
            steps.say(text=item)

    return p


@wrong
def a_loop_over_one_artifact():
    @dsl.pipeline
    def p(data: Input[Dataset]):
        with dsl.ParallelFor(data) as item:
            steps.show(thing=item)

    return p


@wrong
def a_loop_over_items_of_mixed_types():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, "a"]) as item:
            steps.say(text=item)

    return p


@wrong
def a_loop_over_mixed_numbers_for_floats():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1, 2.5]) as item:
            steps.double(number=item)

    return p


@wrong
def negative_parallelism():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([1], parallelism=-1) as item:
            steps.add(a=item)

    return p


@wrong
def an_unknown_subvariable():
    @dsl.pipeline
    def p():
        with dsl.ParallelFor([{"a": 1}]) as item:
            steps.add(a=item.z)

    return p


@wrong
def an_exit_task_with_a_dependency():
    @dsl.pipeline
    def p():
        made = steps.flip()
        last = steps.done(message=made.output)
        with dsl.ExitHandler(last):
            steps.flip()

    return p


@wrong
def an_exit_handler_in_a_loop():
    @dsl.pipeline
    def p():
        last = steps.done()
        with dsl.ParallelFor([1]):
            with dsl.ExitHandler(last):
                steps.flip()

    return p


@wrong
def an_exit_handler_in_an_exit_handler():
    @dsl.pipeline
    def p():
        first, second = steps.done(), steps.done()
        with dsl.ExitHandler(first):
            with dsl.ExitHandler(second):
                steps.flip()

    return p


@wrong
def an_exit_handler_without_a_task():
    @dsl.pipeline
    def p():
        with dsl.ExitHandler(None):
            steps.flip()

    return p


@wrong
def a_final_status_outside_an_exit_handler():
    @dsl.pipeline
    def p():
        steps.status_of()

    return p


@wrong
def an_output_from_an_exit_handler():
    @dsl.pipeline
    def p() -> str:
        last = steps.done()
        with dsl.ExitHandler(last):
            made = steps.flip()
        return made.output

    return p


@wrong
def an_output_from_a_condition():
    @dsl.pipeline
    def p(x: int) -> str:
        with dsl.If(x > 1):
            made = steps.flip()
        return made.output

    return p


@wrong
def an_output_from_a_loop():
    @dsl.pipeline
    def p() -> int:
        with dsl.ParallelFor([1]) as item:
            made = steps.add(a=item)
        return made.output

    return p


@wrong
def an_output_of_another_type():
    @dsl.pipeline
    def p() -> int:
        return steps.flip().output

    return p


@wrong
def an_output_that_is_not_annotated():
    @dsl.pipeline
    def p():
        return steps.flip().output

    return p


@wrong
def an_output_that_is_not_returned():
    @dsl.pipeline
    def p() -> str:
        steps.flip()

    return p


@wrong
def a_constant_as_an_output():
    @dsl.pipeline
    def p() -> str:
        steps.flip()
        return "x"

    return p


@wrong
def a_pipeline_without_tasks():
    @dsl.pipeline
    def p():
        pass

    return p


@wrong
def a_pipeline_input_without_an_annotation():
    @dsl.pipeline
    def p(x):
        steps.done()

    return p


@wrong
def a_component_input_without_an_annotation():
    @dsl.component
    def step(x):
        pass

    return step


@wrong
def a_component_input_of_an_unknown_type():
    class Mine:
        pass

    @dsl.component
    def step(x: Mine):
        pass

    return step


@wrong
def an_artifact_input_with_a_default():
    @dsl.component
    def step(x: Input[Dataset] = "gs://x"):
        pass

    return step


@wrong
def an_output_that_is_a_list_of_artifacts():
    @dsl.component
    def step(x: Output[List[Dataset]]):
        pass

    return step


@wrong
def an_artifact_class_of_an_unknown_namespace():
    @dsl.component
    def step(x: Input[vertex.Volume]):
        pass

    return step


@wrong
def variable_arguments():
    @dsl.component
    def step(*values: int):
        pass

    return step


@wrong
def a_default_of_another_type():
    @dsl.component
    def step(x: int = "a"):
        pass

    return step


@wrong
def none_inside_a_constant():
    @dsl.pipeline
    def p():
        steps.count(table={"a": None})

    return p


@wrong
def an_object_inside_a_constant():
    @dsl.pipeline
    def p():
        steps.count(table={"a": object()})

    return p


@wrong
def cpu_that_is_no_number():
    @dsl.pipeline
    def p():
        steps.done().set_cpu_limit("many")

    return p


@wrong
def memory_of_an_unknown_unit():
    @dsl.pipeline
    def p():
        steps.done().set_memory_limit("3Xi")

    return p


@wrong
def accelerators_that_are_no_number():
    @dsl.pipeline
    def p():
        steps.done().set_accelerator_type("x").set_accelerator_limit("two")

    return p


@wrong
def a_broken_duration():
    @dsl.pipeline
    def p():
        steps.done().set_retry(1, backoff_duration="soon")

    return p


@wrong
def a_fraction_of_an_hour():
    @dsl.pipeline
    def p():
        steps.done().set_retry(1, backoff_duration="1.5h")

    return p


@wrong
def a_debug_pause_that_contradicts_itself():
    @dsl.pipeline
    def p():
        steps.done().set_debug_pause(before=False, after=False, on_error=True)

    return p


@wrong
def an_environment_variable_from_a_channel():
    @dsl.pipeline
    def p(x: str):
        steps.done().set_env_variable("A", x)

    return p


@wrong
def resources_of_an_importer():
    @dsl.pipeline
    def p():
        dsl.importer(artifact_uri="gs://x", artifact_class=Dataset).set_cpu_limit("1")

    return p


@wrong
def an_importer_of_no_artifact():
    @dsl.pipeline
    def p():
        dsl.importer(artifact_uri="gs://x", artifact_class=int)

    return p


@wrong
def ignore_upstream_failure_of_a_needed_input():
    @dsl.pipeline
    def p():
        made = steps.flip()
        steps.say(text=made.output).ignore_upstream_failure()

    return p


@wrong
def settings_of_a_subpipeline():
    @dsl.pipeline
    def inner():
        steps.done()

    @dsl.pipeline
    def p():
        inner().set_cpu_limit("1")

    return p


@wrong
def an_image_of_a_subpipeline():
    @dsl.pipeline
    def inner():
        steps.done()

    @dsl.pipeline
    def p():
        inner().set_container_image("alpine")

    return p


@wrong
def a_pipeline_inside_a_pipeline():
    @dsl.pipeline
    def p():
        @dsl.pipeline
        def inner():
            steps.done()

        inner()

    return p


@wrong
def a_cycle():
    @dsl.pipeline
    def p():
        first, second = steps.done(), steps.done()
        first.after(second)
        second.after(first)

    return p


@wrong
def a_task_of_another_pipeline():
    kept = []

    @dsl.pipeline
    def inner():
        kept.append(steps.flip())

    @dsl.pipeline
    def p():
        steps.say(text=kept[0].output)

    return p


@wrong
def a_name_of_an_artifact_in_a_container():
    @dsl.container_component
    def step(data: Input[Dataset]):
        return dsl.ContainerSpec(image="alpine", args=[data.name])

    return step


@wrong
def a_container_that_returns_nothing():
    @dsl.container_component
    def step():
        pass

    return step


@wrong
def a_container_with_a_return_annotation():
    @dsl.container_component
    def step() -> str:
        return dsl.ContainerSpec(image="alpine")

    return step


@wrong
def a_container_that_computes_with_an_input():
    @dsl.container_component
    def step(a: int):
        return dsl.ContainerSpec(image="alpine", args=[a + 1])

    return step


@wrong
def a_container_that_adds_to_text():
    @dsl.container_component
    def step(a: str):
        return dsl.ContainerSpec(image="alpine", args=["x" + a])

    return step


@wrong
def if_present_of_an_unknown_input():
    @dsl.container_component
    def step(a: str):
        return dsl.ContainerSpec(image="alpine", args=[dsl.IfPresentPlaceholder(input_name="z", then=a)])

    return step


@wrong
def empty_text():
    return components.load_component_from_text("")


@wrong
def text_that_is_no_component():
    return components.load_component_from_text("a: 1\nb: 2\n")


@wrong
def broken_yaml():
    return components.load_component_from_text("name: [")


@wrong
def a_file_that_is_absent():
    return components.load_component_from_file("/nonexistent/component.yaml")


@wrong
def a_workspace_without_a_size():
    return dsl.WorkspaceConfig()


@wrong
def an_empty_workspace_size():
    return dsl.WorkspaceConfig(size="")


@wrong
def a_workspace_path_without_a_workspace():
    @dsl.pipeline
    def p():
        steps.say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)

    return p


@wrong
def a_negative_deadline():
    @dsl.pipeline(pipeline_config=dsl.PipelineConfig(active_deadline_seconds=-1))
    def p():
        steps.done()

    return p


@wrong
def what_is_no_pipeline():
    return 3


@wrong
def a_plain_function():
    def p():
        steps.done()

    return p


@wrong
def an_undefined_name_in_the_pipeline():
    @dsl.pipeline
    def p():
        steps.nothing()

    return p


@wrong
def an_optional_artifact_of_a_needed_input():
    @dsl.pipeline
    def p(data: Optional[Input[Dataset]] = None, model: Input[Model] = None):
        steps.evaluate(model=model)

    return p


@wrong
def a_named_tuple_with_a_missing_field():
    @dsl.pipeline
    def p() -> NamedTuple("Outputs", [("a", str), ("b", str)]):
        outputs = NamedTuple("Outputs", [("a", str)])
        return outputs(a=steps.flip().output)

    return p
