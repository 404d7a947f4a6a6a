"""What steps run in when a component is called: KFP's two runners, and one of Skiff's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kfp.ir.spec import Json


@dataclass(frozen=True)
class SubprocessRunner:
    """Runs each Python step in a process of its own; a step that is no Python component needs a container.

    A step runs on the version of Python that its image has (`base_image="python:3.9"`), where this machine has it.

    Args:
        use_venv: give a step that installs packages a virtual environment, which is made once and kept for later runs.
            Without it the step uses this interpreter where that has the packages already (by name, or by exact
            version), and a virtual environment where it does not, and every step runs on this interpreter's version.
            Nothing is ever installed into this interpreter.
        serialize_pip_installs: accepted for KFP's sake. Environments are made side by side; two steps never make the
            same one twice.
        max_concurrent_pip_installs: accepted likewise.
    """

    use_venv: bool = True
    serialize_pip_installs: bool = True
    max_concurrent_pip_installs: int = 1


class DockerRunner:
    """Runs each step in a container, by docker or podman, whichever is there; KFP_CONTAINER_ENGINE chooses.

    Args:
        max_concurrent_pip_installs: accepted for KFP's sake.
        **container_run_args: options of the container by their names in docker-py, such as `network_mode`,
            `environment`, `volumes`, `user`.

    Raises:
        RunError: an option is unknown, or is the step's own affair, such as `command`.
    """

    def __init__(self, max_concurrent_pip_installs: int = 1, **container_run_args: Json) -> None:
        from kfp.engine.executors.options import run_options  # noqa: PLC0415 - start-up time

        run_options(container_run_args)
        self.max_concurrent_pip_installs = max_concurrent_pip_installs
        self.container_run_args = container_run_args

    def __repr__(self) -> str:
        return f"DockerRunner({', '.join(f'{key}={value!r}' for key, value in self.container_run_args.items())})"


class RuncRunner:
    """Runs each step in a container without a daemon, by runc or crun, on an image of the local store.

    An image that the store does not have is pulled into it. Root's containers are like docker's; an ordinary user's
    need user namespaces, and have no user but their root, who is the one who runs them. KFP_OCI_RUNTIME chooses the
    runtime.

    Args:
        **container_run_args: options of the container by their names in docker-py, as far as runc has them:
            `network_mode` ("host", the default, or "none"), `environment`, `volumes`, `user`, `mem_limit` and so on.

    Raises:
        RunError: an option is unknown, or is the step's own affair, such as `command`.
    """

    def __init__(self, **container_run_args: Json) -> None:
        from kfp.engine.executors.oci.options import oci_options  # noqa: PLC0415 - start-up time

        oci_options(container_run_args)
        self.container_run_args = container_run_args

    def __repr__(self) -> str:
        return f"RuncRunner({', '.join(f'{key}={value!r}' for key, value in self.container_run_args.items())})"


Runner = SubprocessRunner | DockerRunner | RuncRunner
