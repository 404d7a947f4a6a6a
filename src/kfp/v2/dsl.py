"""The names of `kfp.dsl` under its path in KFP 1.8."""

from kfp.dsl import *  # noqa: F403 - it is the same module, under another name
