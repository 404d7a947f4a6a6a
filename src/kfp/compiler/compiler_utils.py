"""What programs and KFP's documentation import from here: an exception, and options of the compiler."""

from kfp.compiler.manifest import KubernetesManifestOptions
from kfp.errors import InvalidTopologyException

__all__ = ["InvalidTopologyException", "KubernetesManifestOptions"]
