"""Pipelines that cover the authoring language, a file for each feature, written as `conformance.cases` says."""
