"""The numbers of parameter types, and the error of types that do not match, under KFP's module path."""

from kfp.errors import InconsistentTypeException

__all__ = [
    "BOOLEAN",
    "LIST",
    "NUMBER_DOUBLE",
    "NUMBER_INTEGER",
    "STRING",
    "STRUCT",
    "TASK_FINAL_STATUS",
    "InconsistentTypeException",
]

# `ParameterType.ParameterTypeEnum` of pipeline_spec.proto: what `pipeline.pipeline_spec` has as a parameter's type
NUMBER_DOUBLE = 1
NUMBER_INTEGER = 2
STRING = 3
BOOLEAN = 4
LIST = 5
STRUCT = 6
TASK_FINAL_STATUS = 7
