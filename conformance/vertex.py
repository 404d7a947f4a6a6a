"""Artifact classes that a component's signature imports from elsewhere."""

from kfp.dsl import Artifact


class VertexModel(Artifact):
    """A class in a namespace of Google's."""

    schema_title = "google.VertexModel"
    schema_version = "0.0.1"

    @property
    def resource_name(self) -> str:
        """What the metadata calls it."""
        return str(self.metadata["resourceName"])


class VertexDataset(Artifact):
    """Another."""

    schema_title = "google.VertexDataset"
    schema_version = "0.0.1"


class Volume(Artifact):
    """A class in a namespace that is nobody's."""

    schema_title = "custom.Volume"
    schema_version = "1.2.3"
