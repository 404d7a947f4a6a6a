"""The class of container components under KFP's module path; `kfp.dsl.container` has it."""

from kfp.dsl.container import ContainerComponent

__all__ = ["ContainerComponent"]
