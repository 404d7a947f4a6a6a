"""Runs a PipelineSpec on this machine: plan, scheduler, executors, store.

The way through: `run.run` reads a `Plan`, asks `scheduler.advance` what to do, has an executor do it, and writes what
happened to the `store`. The engine knows PipelineSpec alone, nothing of how it was written.
"""
