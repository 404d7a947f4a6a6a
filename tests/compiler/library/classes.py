"""Artifact classes of a user's package."""

from kfp import dsl


class VertexModel(dsl.Artifact):
    schema_title = "google.VertexModel"
    schema_version = "0.0.2"
