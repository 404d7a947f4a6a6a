"""The names of `kfp.components` under its path in KFP 1.8."""

from kfp.components import *  # noqa: F403 - it is the same module, under another name
