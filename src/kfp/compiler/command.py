"""The command of a Python component: what a step's container runs before and with the function."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from kfp.bundle.bootstrap import INSTALLED, bootstrap
from kfp.compiler.embedded import preamble
from kfp.compiler.step_parts import step_parts
from kfp.dsl.python_component import PythonComponent, PythonSettings
from kfp.dsl.source import component_source

_ENSURE_PIP = "python3 -m pip --version > /dev/null 2>&1 || python3 -m ensurepip --user > /dev/null\n"
_VENV = 'venv="$(mktemp -d)"\npython3 -m venv --system-site-packages "$venv"\n. "$venv/bin/activate"\n'
_RUN = ' && "$0" "$@"\n'


def container_command(component: PythonComponent) -> tuple[str, ...]:
    """Return the entry point of a component's container.

    A containerized component's image holds its code and packages. A lightweight one brings its source, and the
    runtime, in the command; packages are installed before it runs.
    """
    settings = component.settings
    if settings.target_image is not None:
        return ("python3", "-m", "kfp.dsl.executor_main")
    embed = settings.install_kfp_package and settings.kfp_package_path is None
    files = "" if settings.embedded is None else preamble(settings.embedded)
    source = component_source(component, files)
    program = bootstrap(*step_parts(component, source)) if embed else INSTALLED
    run = ("python3", "-c", program, source)
    packages = list(settings.packages_to_install)
    if settings.install_kfp_package and settings.kfp_package_path is not None:
        packages.append(settings.kfp_package_path)
    if not packages and not settings.use_venv:
        return run
    return ("sh", "-c", pip_prologue(packages, settings), *run)


def container_args(component: PythonComponent) -> tuple[str, ...]:
    """Return the arguments of a component's entry point."""
    return ("--executor_input", "{{$}}", "--function_to_execute", component.function_name)


def pip_prologue(packages: Iterable[str], settings: PythonSettings) -> str:
    """Return the shell text that installs packages and then runs its own arguments.

    Args:
        packages: requirements as pip writes them.
        settings: the indexes, trusted hosts, and whether a virtual environment is made first.
    """
    required = list(packages)
    text = _ENSURE_PIP + (_VENV if settings.use_venv else "")
    if not required:
        return text.rstrip("\n") + _RUN
    options: list[str] = []
    for position, url in enumerate(settings.pip_index_urls):
        options += ["--extra-index-url" if position else "--index-url", url]
    for host in settings.pip_trusted_hosts:
        options += ["--trusted-host", host]
    install = shlex.join(["python3", "-m", "pip", "install", "--quiet", "--no-warn-script-location", *options])
    quoted = " ".join(_quote(requirement) for requirement in required)
    return f"{text}PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore {install} {quoted}{_RUN}"


def _quote(text: str) -> str:
    """Quote a requirement always, so that a reader sees at once where each begins and ends."""
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{text}'"
