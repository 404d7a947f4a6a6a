"""Compiles every pipeline in ../pipelines with the `kfp` that is installed, which must be upstream's."""

import runpy
from pathlib import Path

from kfp import __version__, compiler

if "skiff" in __version__:
    raise SystemExit("this environment has Skiff; the expected files are upstream's")
here = Path(__file__).parent
for source in sorted(here.parent.joinpath("pipelines").glob("*.py")):
    pipeline = runpy.run_path(str(source))["pipeline"]
    compiler.Compiler().compile(pipeline, str(here / f"{source.stem}.yaml"))
