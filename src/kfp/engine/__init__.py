"""Runs a PipelineSpec on this machine.

The doors are `run.py`, `resume.py`, which continues a run, and `terminate.py`, which stops one of another process. A
document becomes a plan (`planning/`); a run of it is a job (`running/`), which asks what starts next (`scheduling/`)
and hands steps to an executor (`executors/`, around which stand `platforms/`, `artifacts/` and `caching/`; the seam is
`step.py`). Values go from task to task (`flow/`). What has happened is on record (`records/`), then it is told
(`events.py`); from what a run leaves behind (`continuing/`) another process goes on.
"""
