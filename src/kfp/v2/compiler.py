"""The names of `kfp.compiler` under its path in KFP 1.8."""

from kfp.compiler import *  # noqa: F403 - it is the same module, under another name
