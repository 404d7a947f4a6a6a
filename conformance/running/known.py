"""What upstream's own local runner makes wrong of the pipelines that run, each with the reason; none of it is ours."""

from __future__ import annotations

from conformance.deviation import Deviation, Kind

_REASONS: dict[str, tuple[str, ...]] = {
    "integers inside of lists, mappings and metadata become floats": (
        "artifacts.classification_metrics-*",
        "artifacts.lists_of_artifacts-*",
        "artifacts.metadata-*",
        "artifacts.metadata_of_every_type_as_the_output_of_the_pipeline-*",
        "artifacts.metrics-*",
        "artifacts.returned_as_python_does-*",
        "artifacts.several_returned-*",
        "collected.a_nested_pipeline_in_a_loop-*",
        "collected.artifacts_as_the_output_of_the_pipeline-0",
        "collected.from_three_levels-*",
        "collected.in_a_nested_pipeline-*",
        "collected.lists-*",
        "collected.mappings_with_integers-*",
        "collected.the_inner_loop_inside_of_the_outer_one-*",
        "importers.as_the_output_of_the_pipeline-*",
        "loops.an_output_made_inside_of_a_loop-*",
        "loops.constant_integers-*",
        "loops.forty_iterations-*",
        "loops.nested_constants-*",
        "loops.the_output_of_a_task-*",
        "loops.whole_mappings-*",
        "one_of.the_collected_of_a_branch-*",
        "subpipelines.defaults_of_a_component-*",
        "subpipelines.defaults_of_every_level-*",
        "subpipelines.in_a_loop-*",
        "values.a_component_with_several_outputs_alone-*",
        "values.constants_of_every_type-*",
        "values.deep_lists-*",
        "values.defaults_of_a_component-*",
        "values.defaults_of_a_pipeline-1",
        "values.every_type-*",
        "values.integers_in_lists_and_mappings_stay_integers-*",
        "values.named_tuples-*",
    ),
    "an integer in an f-string is written 1.0, and lists and mappings as Python writes them": (
        "importers.metadata_from_inputs-*",
        "values.integers_in_f_strings-*",
        "values.other_types_in_f_strings-*",
    ),
    "a large integer passes through a float": ("values.large_integers-*",),
    "null inside of a list or a mapping is refused": ("values.mappings_with_odd_keys-*",),
    "an integer is refused where a float is taken": ("values.floats-2",),
    "an Optional that is left out is no value that it knows": (
        "subpipelines.optional_inputs-*",
        "subpipelines.optional_inputs_left_out-*",
        "values.optional_parameters-*",
    ),
    "values travel on the command line, where they are too long": (
        "values.a_list_of_two_hundred_thousand_integers-*",
        "values.a_text_of_three_hundred_kilobytes-*",
    ),
    "a value that looks like a placeholder is taken for one": (
        "artifacts.files-2",
        "values.constants_that_look_like_placeholders-*",
        "values.odd_texts-*",
    ),
    "a loop without items has no outputs": (
        "collected.artifacts_as_the_output_of_the_pipeline-1",
        "loops.a_list_of_lists-*",
        "loops.a_parameter-1",
    ),
    "tasks run one after another, and loops two at a time": (
        "order.as_many_iterations_as_are_wanted_run_at_the_same_time-*",
        "order.iterations_run_at_the_same_time-*",
        "order.tasks_that_need_nothing_of_each_other_run_at_the_same_time-*",
    ),
    "SlicedClassificationMetrics cannot be written": ("artifacts.sliced_classification_metrics-*",),
    "a number or a boolean in a loop's item is no text": ("loops.members_that_upstream_takes_for_text-*",),
    "a named output cannot be looped over": ("loops.a_named_output-*",),
    "a list inside of an item cannot be looped over": (
        "loops.a_list_inside_of_an_item-*",
        "loops.nested_with_limits-*",
    ),
    "artifacts of nested loops come in lists of lists, which no task can take": (
        "collected.artifacts_of_nested_loops_come_in_one_list-*",
    ),
    "a nested pipeline is not retried": ("retries.of_a_nested_pipeline-*", "retries.of_a_nested_pipeline_whose_*-0"),
    "a component is told nothing of its task's settings": (
        "settings.a_task_config-*",
        "settings.settings_for_kubernetes_in_a_task_config-*",
        "settings.variables_in_a_task_config-*",
    ),
    "dsl.OneOf takes no artifacts": (
        "one_of.artifacts_as_the_output_of_the_pipeline-*",
        "one_of.artifacts_that_a_task_reads-*",
    ),
    "a nested pipeline is given no artifacts": (
        "subpipelines.a_loop_over_artifacts_inside-*",
        "subpipelines.artifacts_in_and_out-*",
        "subpipelines.lists_of_artifacts_inside-*",
    ),
    "the resource name and the times of a run are not known": (
        "placeholders.names_and_ids-*",
        "placeholders.times-*",
    ),
}

LOCAL: tuple[Deviation, ...] = tuple(
    Deviation(name, Kind.DELIBERATE, reason, "upstream.*") for reason, names in _REASONS.items() for name in names
)
