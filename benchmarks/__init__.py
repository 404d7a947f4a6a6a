"""Measurements beside upstream `kfp` 2.17, in the same run on the same machine: `make bench`."""
