"""The order of a plan's images: one that stands on another comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build.grouping import ImagePlan


def in_stages(images: Sequence[ImagePlan]) -> tuple[tuple[ImagePlan, ...], ...]:
    """Groups images so that each stands on one of an earlier stage, or on one that is not built here.

    Raises:
        BuildError: images stand on each other in a circle.
    """
    stages = []
    waiting = list(images)
    while waiting:
        targets = {image.target for image in waiting}
        ready = tuple(image for image in waiting if image.base not in targets)
        if not ready:
            raise _circle(waiting)
        stages.append(ready)
        waiting = [image for image in waiting if image not in ready]
    return tuple(stages)


def _circle(images: Sequence[ImagePlan]) -> BuildError:
    by_target = {image.target: image for image in images}
    walked = [images[0]]
    while (below := by_target[walked[-1].base]) not in walked:
        walked.append(below)
    circle = walked[walked.index(below) :]
    first = circle[0]
    steps = ", ".join(
        f"{image.target.familiar} (the target_image of {image.components[0].function_name}) on {image.base.familiar}"
        for image in circle
    )
    what = "an image cannot stand on itself" if len(circle) == 1 else "images cannot stand on each other in a circle"
    return BuildError(
        f"{what}: {steps}",
        hint=f"give {first.components[0].function_name} another base_image or target_image",
    )
