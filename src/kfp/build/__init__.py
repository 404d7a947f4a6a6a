"""A directory of components → container images, without Docker.

directory ──plan──▶ Plan: components by target image ──build──▶ layers → image → store → registry
                                                     └─write_docker_files──▶ Dockerfile and what belongs to it
"""

from __future__ import annotations

from kfp.build.assembly import BuiltLayer
from kfp.build.building import build
from kfp.build.built import BuiltImage, BuiltPlatform, BuiltTag
from kfp.build.component_files import write_docker_files
from kfp.build.grouping import ImagePlan, PlannedComponent
from kfp.build.options import BuildOptions
from kfp.build.planning import Plan, plan

__all__ = [
    "BuildOptions",
    "BuiltImage",
    "BuiltLayer",
    "BuiltPlatform",
    "BuiltTag",
    "ImagePlan",
    "Plan",
    "PlannedComponent",
    "build",
    "plan",
    "write_docker_files",
]
