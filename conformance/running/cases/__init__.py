"""The pipelines that run, by theme."""
