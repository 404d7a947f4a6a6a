"""Parity with upstream, measured: the same pipelines, and upstream's own tests, through both compilers."""
