"""Pipelines that run, each with what the KFP backend would make of it, written down by hand."""
