"""`dsl.PipelineTaskFinalStatus` under KFP's module path; `kfp.runtime.status` has it."""

from kfp.runtime.status import PipelineTaskFinalStatus

__all__ = ["PipelineTaskFinalStatus"]
