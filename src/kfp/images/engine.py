"""Docker or podman, whichever is there and answers: which images it has, and giving it one of ours.

The engine is reached through its command line alone, so whatever context, socket or remote machine the user has
configured is honoured.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from kfp.errors import EngineUnavailable, ImageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from kfp.images.image import Image
    from kfp.images.reference import Reference

CHOICE: Final = "KFP_CONTAINER_ENGINE"
_NAMES: Final = ("docker", "podman")
_ANSWER_SECONDS: Final = 30


@dataclass(frozen=True)
class ContainerEngine:
    """A container engine that answered.

    Attributes:
        program: `docker` or `podman`, or a path to one of them.
    """

    program: str

    @property
    def is_podman(self) -> bool:
        """Whether it is podman, also where podman plays docker's part."""
        return "podman" in Path(self.program).name

    def image_id(self, reference: Reference) -> str | None:
        """The identifier of an image that the engine has, as `sha256:…`; None where it has none of the name."""
        answer = self.ask("image", "inspect", "--format", "{{.Id}}", pulled_name(reference))
        if answer.returncode != 0:
            return None
        found = answer.stdout.strip().splitlines()[0]
        return found if found.startswith("sha256:") else f"sha256:{found}"

    def has(self, image: Image, reference: Reference) -> bool:
        """Whether the engine has exactly this image under that name."""
        # Docker's containerd store identifies an image by its manifest, every other store by its configuration.
        return self.image_id(reference) in (image.id, image.digest)

    def pull(self, reference: Reference) -> bool:
        """Have the engine fetch an image from its registry; return whether it could."""
        return self.ask("pull", "--quiet", pulled_name(reference)).returncode == 0

    def load(self, image: Image, reference: Reference) -> bool:
        """Give the engine an image under the name that `loaded_name` says, unless it has it.

        Args:
            image: layers that are not on this machine are fetched from their source.
            reference: the image's name.

        Returns:
            Whether the image had to be given.

        Raises:
            ImageError: the engine refuses the image, or a layer cannot be had.
        """
        from kfp.images.archive import write_docker_archive  # noqa: PLC0415 (start-up: mostly the engine has it)

        name = loaded_name(reference)
        if self.has(image, name):
            return False
        self._load(lambda stream: write_docker_archive(image, name, stream))
        return True

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the engine's client and return what it said, whether or not it succeeded."""
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)

    def _load(self, write: Callable[[BinaryIO], None]) -> None:
        process = subprocess.Popen(
            [self.program, "load"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        stdin, stderr = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stderr)
        broken = False
        try:
            with stdin:
                write(stdin)
        except BrokenPipeError:
            broken = True
        except BaseException:
            process.kill()
            process.wait()
            stderr.close()
            raise
        with stderr:
            told = stderr.read().decode("utf-8", "replace").strip()
        if process.wait() != 0 or broken:
            raise ImageError(f"{self.program} cannot load the image: {told[-500:]}")


def pulled_name(reference: Reference) -> str:
    """The name by which an engine knows an image of a registry; not all of them take tag and digest together."""
    return str(reference if reference.digest is None else replace(reference, tag=None))


def loaded_name(reference: Reference) -> Reference:
    """The name that an engine gets for an image that it does not pull: with a tag, since it takes no digest then."""
    if reference.digest is None:
        return reference
    return reference.with_tag(reference.tag or reference.digest.replace(":", "-"))


def find_engine(chosen: str | None = None, *, otherwise: str = "") -> ContainerEngine:
    """The container engine of this machine: the one that `KFP_CONTAINER_ENGINE` names, else docker, else podman.

    Args:
        chosen: this one instead.
        otherwise: what a user without an engine may do instead of installing one.

    Raises:
        EngineUnavailable: there is none, or none answers.
    """
    chosen = chosen or os.environ.get(CHOICE)
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
        f"the container engine {chosen!r} ({CHOICE}) is not installed"
        if chosen
        else "there is neither docker nor podman on this machine",
        hint=f"install docker or podman{otherwise and f', or {otherwise}'}",
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
