"""`kfp.v2`, where KFP 1.8 kept this SDK: `from kfp.v2 import dsl, compiler, components`."""

import warnings

from kfp import compiler, components, dsl

__all__ = ["compiler", "components", "dsl"]

warnings.warn("kfp.v2 is deprecated; import from kfp itself", DeprecationWarning, stacklevel=2)
