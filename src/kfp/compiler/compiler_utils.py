"""What programs import from here, under KFP's module path."""

from kfp.compiler.manifest import KubernetesManifestOptions
from kfp.errors import InvalidTopologyException

__all__ = ["InvalidTopologyException", "KubernetesManifestOptions"]
