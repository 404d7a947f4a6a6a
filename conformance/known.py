"""Where documents, refusals, and what upstream's tests see differ from upstream, each with its reason."""

from __future__ import annotations

from conformance.deviation import Deviation, Kind


def deliberate(name: str, where: str, reason: str) -> Deviation:
    """Return a difference that stays."""
    return Deviation(name, Kind.DELIBERATE, reason, where)


def not_yet(name: str, where: str, reason: str) -> Deviation:
    """Return a difference that goes."""
    return Deviation(name, Kind.NOT_YET, reason, where)


def private(name: str, where: str, reason: str) -> Deviation:
    """Return a test of upstream's inner parts."""
    return Deviation(name, Kind.PRIVATE, reason, where)


_COMMAND = "documents.0.components.*.executor.container.command"

_LEAK = "a loop's item is passed in from outside the loop, where it does not exist"
_LOST = "a channel that only a task's settings use does not reach the group that the task is in"

_UNUSED = "a list that is looped over does not reach the loop where no task uses the item"
_ORDER = "upstream forgets that a loop waits for the task that makes its list where no task uses the item"

EXAMPLES: tuple[Deviation, ...] = (
    deliberate("typed_values: *", "compiles", "Enum and dataclasses as values of parameters are Skiff's alone"),
    deliberate("notebook: *", f"{_COMMAND}.source", "the code around an embedded notebook is our own"),
)

CORPUS: tuple[Deviation, ...] = (
    *(
        deliberate(name, "header", "the header says List[...] where a list of artifacts is meant")
        for name in (
            "artifacts.*",
            "collected.artifacts_as_the_output",
            "collected.named_outputs",
            "combinations.artifacts_through_conditions_in_loops",
            "containers.lists_of_artifacts",
            "loops.over_artifacts_of_a_pipeline_input",
        )
    ),
    *(
        deliberate(name, "documents.*", f"upstream's document is broken: {reason}")
        for name, reason in (
            ("combinations.four_levels", _LEAK),
            ("combinations.a_training_pipeline", _LEAK),
            ("exit_handlers.nested_loops_in_conditions", _LEAK),
            ("loops.nested_over_inputs", _LEAK),
            ("combinations.settings_and_channels_from_three_levels", _LOST),
            ("task_settings.resources_from_the_items_of_a_loop", _LOST),
            ("task_settings.settings_inside_groups", _LOST),
            ("loops.unused_items_of_an_input_in_a_condition", _UNUSED),
            *((f"generated.number_{seed}", _UNUSED) for seed in ("02", "28", "32", "36", "37")),
            ("one_of.in_a_loop", "the branches do not surface the output that the loop is over"),
        )
    ),
    deliberate(
        "conditions.floats_booleans_and_quotes",
        "documents.0.root.dag.tasks.*.triggerPolicy.condition",
        "upstream writes an apostrophe into a CEL text as it is, which ends the text",
    ),
    deliberate(
        "conditions.tasks_after_elif_without_else*",
        "documents.*",
        "upstream takes what follows an Elif without an Else for a part of the branches",
    ),
    deliberate(
        "loops.unused_items_of_a_task_output",
        "documents.0.root.dag.tasks.for-loop-*.dependentTasks",
        _ORDER,
    ),
    *(
        deliberate(f"generated.number_{seed}", "documents.0.*.dependentTasks", _ORDER)
        for seed in ("00", "11", "14", "17", "25")
    ),
    *(
        deliberate(
            f"generated.number_{seed}",
            "documents.0.*.parameters.pipelinechannel--x",
            "upstream hands a condition what only an Elif before it compares",
        )
        for seed in ("06", "19")
    ),
    deliberate(
        "artifacts.classes_of_a_module", f"{_COMMAND}.source", "another spelling of the same import in a step's source"
    ),
    deliberate(
        "components.pip_index_urls",
        f"{_COMMAND}.options",
        "upstream passes indexes as trusted hosts, as URLs, which pip takes for the host 'https'",
    ),
    deliberate(
        "components.an_index_without_packages", f"{_COMMAND}.options", "no package is installed, so no index is asked"
    ),
    deliberate(
        "components.trusted_hosts_without_an_index",
        f"{_COMMAND}.options",
        "upstream drops trusted hosts when the index is pip's own",
    ),
    deliberate(
        "components.a_target_image_with_packages", f"{_COMMAND}.packages", "the packages are baked into the image"
    ),
    deliberate(
        "components.unusual_text_in_the_source",
        f"{_COMMAND}.source",
        "upstream loses a nested function with a text whose lines begin at the margin",
    ),
    deliberate(
        "components.a*_docstring*",
        f"{_COMMAND}.source",
        "a text of several lines stays as it was written; upstream takes away the function's own indentation",
    ),
    deliberate(
        "importers.a_uri_in_an_f_string",
        "documents.0.components.comp-importer.*",
        "upstream writes a channel's inner notation into the URI; here the value is filled in",
    ),
    deliberate(
        "kubernetes_settings.*",
        "documents.0.components.comp-*pvc*.description",
        "what CreatePVC and DeletePVC say of their inputs is in our own words",
    ),
    deliberate(
        "task_settings.resources_from_tasks",
        "documents.0.root.dag.tasks.done.dependentTasks",
        "upstream forgets the order that a resource from a task's output gives",
    ),
    deliberate(
        "types.typing_forms", f"{_COMMAND}.source", "`typing.Dict` in a signature needs `import typing` in the step"
    ),
    deliberate("types.a_default_of_several_lines", "readable", "upstream's header breaks out of its comment"),
    deliberate(
        "types.a_type_check_that_is_off", "compiles", "kfp.TYPE_CHECK = False turns the check off for calls, too"
    ),
    deliberate("notebooks.*", f"{_COMMAND}.source", "the code around an embedded notebook is our own"),
    deliberate("components.an_embedded_file", f"{_COMMAND}.source", "the code around an embedded file is our own"),
    deliberate("mistakes.variable_arguments", "stricter", "upstream drops *args without a word"),
    deliberate(
        "mistakes.an_environment_variable_from_a_channel",
        "type",
        "upstream fails in protobuf, with a TypeError that says nothing of the variable",
    ),
    deliberate("mistakes.an_importer_of_no_artifact", "type", "upstream's AttributeError is an accident"),
    deliberate("mistakes.a_container_that_returns_nothing", "type", "upstream's AttributeError is an accident"),
    deliberate("mistakes.text_that_is_no_component", "type", "upstream's KeyError is an accident"),
    deliberate("mistakes.broken_yaml", "type", "PyYAML's own exception is no part of the interface"),
    deliberate("mistakes.one_of_*", "type", "upstream's AttributeError or IndexError is an accident"),
    deliberate("mistakes.a_condition_on_*", "type", "upstream's AttributeError or AssertionError is an accident"),
    deliberate("mistakes.an_exit_handler_without_a_task", "type", "upstream's AttributeError is an accident"),
    deliberate("mistakes.an_unknown_subvariable", "stricter", "the items are known, and have no such entry"),
    deliberate("mistakes.collected_is_looped_over", "refused", "what a loop made can be looped over"),
    deliberate("mistakes.one_of_in_an_f_string", "refused", "OneOf can be written into a text"),
    deliberate("mistakes.a_cycle", "stricter", "upstream writes a pipeline that never starts"),
)

_MADE = "makes upstream's own objects by their constructors, which nobody but upstream calls"

TESTS: tuple[Deviation, ...] = (
    # whole files about modules that only upstream's own modules use
    *(
        private(f"{file}_test.py*", where, reason)
        for file, where, reason in (
            ("compiler/compiler_utils", "*", "functions that rewrite upstream's groups and channels"),
            ("compiler/pipeline_spec_builder", "private", "functions that upstream's compiler is made of"),
            ("dsl/base_component", "*", _MADE),
            ("dsl/component_factory", "private", "functions that upstream's decorators are made of"),
            ("dsl/container_component_artifact_channel", "private", "upstream's stand-in for an artifact"),
            ("dsl/executor", "private", "upstream's executor; tests/runtime has ours"),
            ("dsl/for_loop", "*", "upstream's loop arguments"),
            ("dsl/notebook_component_decorator", "private", "the program around an embedded notebook"),
            ("dsl/structures", "*", "upstream's own form of components, and the functions that read it"),
            ("dsl/types/custom_artifact_types", "private", "functions that look for imports in a function's source"),
            ("dsl/types/type_annotations", "fails: not collected", "made for each entry of a private table"),
            ("dsl/types/type_annotations", "private", "a private table of artifact classes"),
            ("dsl/types/type_utils", "private", "functions that check types in upstream's notation"),
            ("dsl/utils", "private", "functions that upstream makes names with"),
        )
    ),
    # single tests
    *(
        private(test, where, reason)
        for test, where, reason in (
            (
                "dsl/pipeline_channel_test.py::PipelineChannelTest*",
                "*",
                f"{_MADE}: channels without a pipeline, and how they are written into texts",
            ),
            *(
                (
                    f"dsl/pipeline_task_test.py::{name}*",
                    "fails: AttributeError: *",
                    f"{_MADE}: a PipelineTask from a spec",
                )
                for name in ("PipelineTaskTest", "TestTaskInFinalState")
            ),
            (
                "dsl/tasks_group_test.py::ParallelForTest*",
                "fails: TypeError: Pipeline.__init__() missing *",
                f"{_MADE}: a Pipeline without inputs, to look at a loop's inner attributes",
            ),
            (
                "*::test_task_after_exit_handler_group_raises_on_unknown_dependency",
                "fails: AttributeError: *'_task_spec'",
                "writes a name that is wrong into a private attribute",
            ),
            ("dsl/placeholders_test.py*", "fails: AttributeError: *'_to_string'", "a private method of placeholders"),
            ("dsl/placeholders_test.py::TestConvertCommandLine*", "private", "a function of upstream's compiler"),
            ("components/load_yaml_utilities_test.py*", "fails: *'_component_inputs'", "a private attribute"),
            ("dsl/types/artifact_types_test.py::TestGetUri*", "*", "sets the state of upstream's own executor"),
        )
    ),
    deliberate("*", "words", "messages are our own; the exception is of the type that the test expects"),
    deliberate("*TestPythonEOLWarning*", "*", "upstream announces that its default image changes; ours stays"),
    deliberate("*::test_oneof_in_fstring", "*", "OneOf can be written into a text"),
    deliberate("*::test_verbose_comment_characteristics", "*", "integers stay integers in the header"),
    deliberate("*::test_workspace_config_validation", "fails: * not found in *", "messages are our own"),
    deliberate("*::test_can_write_to_json", "*DeprecationWarning*", "JSON is as good as YAML here"),
    deliberate(
        "*::test_task_after_exit_handler_group_raises_on_ambiguous_name",
        "fails: AssertionError: ValueError not raised",
        "a group never has the name of a task: nothing is ambiguous; upstream loses the task where none runs after it",
    ),
)
