"""The module from which KFP's documentation imports `KubernetesManifestOptions`."""

from kfp.compiler.manifest import KubernetesManifestOptions

__all__ = ["KubernetesManifestOptions"]
