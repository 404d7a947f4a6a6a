"""The class of importers under KFP's module path; `kfp.dsl.importer_node` has it."""

from kfp.dsl.importer_node import ImporterComponent

__all__ = ["ImporterComponent"]
