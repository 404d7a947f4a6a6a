"""Docker or podman, whichever is there and answers, through its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from kfp.errors import EngineUnavailable, RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

CHOICE = "KFP_CONTAINER_ENGINE"
_NAMES = ("docker", "podman")
_ANSWER_SECONDS = 30


class ContainerEngine(msgspec.Struct, frozen=True):
    """A container engine that answered; `program` is `docker` or `podman`, or a path to one of them."""

    program: str

    @property
    def is_podman(self) -> bool:
        """Whether it is podman, also where podman plays docker's part."""
        return "podman" in Path(self.program).name

    @property
    def removal(self) -> tuple[str, ...]:
        """The command that removes the container whose name is added to it, running or not."""
        # Podman would first ask the container to stop, for ten seconds; docker does not know the option.
        return (self.program, "rm", "--force", *(["--time", "0"] if self.is_podman else []))

    def image_id(self, name: str) -> str | None:
        """Return the identifier of an image that the engine has, as `sha256:…`; None where it has none of the name."""
        answer = self._ask("image", "inspect", "--format", "{{.Id}}", name)
        if answer.returncode != 0:
            return None
        found = answer.stdout.strip().splitlines()[0]
        return found if found.startswith("sha256:") else f"sha256:{found}"

    def pull(self, name: str) -> bool:
        """Have the engine fetch an image from its registry; return whether it could."""
        return self._ask("pull", "--quiet", name).returncode == 0

    def load(self, write: Callable[[BinaryIO], None]) -> None:
        """Give the engine an image.

        Args:
            write: writes a docker-archive to a stream.

        Raises:
            RunError: the engine refuses it.
        """
        process = subprocess.Popen(
            [self.program, "load"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if process.stdin is None or process.stderr is None:
            raise RunError(f"{self.program} load has no pipe")
        broken = False
        try:
            with process.stdin:
                write(cast("BinaryIO", process.stdin))
        except BrokenPipeError:
            broken = True
        except BaseException:
            process.kill()
            process.wait()
            process.stderr.close()
            raise
        with process.stderr:
            told = process.stderr.read().decode("utf-8", "replace").strip()
        if process.wait() != 0 or broken:
            raise RunError(f"{self.program} cannot load the image: {told[-500:]}")

    def stop(self, container: str, seconds: float) -> None:
        """Have a container stop; it may be gone already."""
        self._ask("stop", "--time", str(max(0, round(seconds))), container)

    def remove(self, container: str) -> None:
        """Remove a container, running or not; it may be gone already."""
        self._ask(*self.removal[1:], container)

    def _ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)


def find_engine() -> ContainerEngine:
    """Return the container engine of this machine: the one that `KFP_CONTAINER_ENGINE` names, else docker, else podman.

    Raises:
        EngineUnavailable: there is none, or none answers.
    """
    chosen = os.environ.get(CHOICE)
    silent: list[str] = []
    for name in [chosen] if chosen else _NAMES:
        if shutil.which(name) is None:
            continue
        answer = _answer(name)
        if answer is None:
            return ContainerEngine(name)
        silent.append(f"{name} does not answer: {answer}")
    if silent:
        raise EngineUnavailable("; ".join(silent), hint="start it, or choose another one with KFP_CONTAINER_ENGINE")
    raise EngineUnavailable(
        f"the container engine {chosen!r} (KFP_CONTAINER_ENGINE) is not installed"
        if chosen
        else "there is neither docker nor podman on this machine",
        hint="install docker or podman, or run Python components as processes (SubprocessRunner, --runner process)",
    )


def _answer(name: str) -> str | None:
    """Return None where the engine answers, else what it says instead."""
    question = [name, "version", "--format", "{{.Server.Version}}" if "podman" not in name else "{{.Client.Version}}"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, check=False, timeout=_ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        return f"nothing for {_ANSWER_SECONDS} s"
    except OSError as error:
        return str(error)
    if answer.returncode == 0:
        return None
    lines = (answer.stderr.strip() or answer.stdout.strip() or "no reason given").splitlines()
    return lines[-1]
