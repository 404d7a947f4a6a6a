"""Pipelines that cover the authoring language, a file for each feature; `conformance.cases` says how they are written."""
