"""Packages that a step would fail to install because pip cannot read what is asked for."""

from __future__ import annotations

from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError
from kfp.location import definition


def check_packages(component: PythonComponent) -> None:
    """Check that pip can read what a component's step installs; whether it exists is found in the step.

    Raises:
        AuthoringError: it cannot.
    """
    settings = component.settings
    lines = [("packages_to_install", line) for line in settings.packages_to_install]
    if settings.kfp_package_path is not None:
        lines.append(("kfp_package_path", settings.kfp_package_path))
    if not lines:
        return
    from kfp.requirements.spelling import is_requirement, suggestion  # noqa: PLC0415 - most components need none

    for parameter, line in lines:
        if not is_requirement(line):
            meant = suggestion(line)
            raise AuthoringError(
                f"component {component.name!r} has {line!r} in its {parameter}, which pip cannot read",
                hint="write a requirement such as 'numpy>=1.26', a URL or a path"
                if meant is None
                else f"did you mean {meant!r}?",
                location=definition(component.python_func),
            )
