"""Modules that the pipelines beside it import, as users' packages are."""
