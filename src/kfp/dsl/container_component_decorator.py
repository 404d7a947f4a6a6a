"""`@dsl.container_component` under KFP's module path; `kfp.dsl.container` has it."""

from kfp.dsl.container import container_component

__all__ = ["container_component"]
