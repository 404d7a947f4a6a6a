"""The error of types that do not match, under KFP's module path."""

from kfp.errors import InconsistentTypeException

__all__ = ["InconsistentTypeException"]
