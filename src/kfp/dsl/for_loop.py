"""`dsl.Collected` under KFP's module path; `kfp.dsl.collected` has it."""

from kfp.dsl.collected import Collected

__all__ = ["Collected"]
