"""Programs that build an image from a Dockerfile: docker, podman or buildah, through their command lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kfp.errors import BuildError, EngineUnavailable
from kfp.images.engine import CHOICE, ContainerEngine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference

NAMES: Final = ("docker", "podman", "buildah")
_ANSWER_SECONDS: Final = 30
_QUESTIONS: Final = {"docker": ("version", "--format", "{{.Server.Version}}")}
"""What only a program that can build answers; docker's client alone cannot."""


@dataclass(frozen=True)
class Builder:
    """A program that builds images, and keeps them in a storage of its own.

    Args:
        program: one of `NAMES`, or a path to one.
    """

    program: str

    @property
    def name(self) -> str:
        """Which of `NAMES` it is."""
        file = Path(self.program).name
        return next((name for name in reversed(NAMES) if name in file), NAMES[0])

    def build_command(
        self,
        dockerfile: Path,
        target: Reference,
        *,
        context: Path,
        platform: Platform | None = None,
        options: Iterable[str] = (),
    ) -> list[str]:
        """Gives the command that builds an image and names it.

        Args:
            dockerfile: how it is built.
            target: the name it gets.
            context: the directory whose files the Dockerfile copies.
            platform: what it is for; None leaves it to the program.
            options: the user's own, such as `--network=host`.
        """
        wanted = () if platform is None else ("--platform", str(platform))
        named = ("--file", str(dockerfile), "--tag", str(target))
        return [self.program, "build", *named, *wanted, *options, str(context)]

    def image_id(self, reference: Reference) -> str | None:
        """Gives the identifier of an image that the program has, `sha256:…`, or None."""
        if self.name != "buildah":
            return ContainerEngine(self.program).image_id(reference)
        answer = self._ask("inspect", "--type", "image", "--format", "{{.FromImageID}}", str(reference))
        found = answer.stdout.strip()
        return f"sha256:{found}" if answer.returncode == 0 and found else None

    def give(self, image: Image, reference: Reference) -> None:
        """Gives the program an image of ours, to build on.

        Raises:
            ImageError: the program refuses it, or a layer cannot be had.
        """
        if self.name != "buildah":
            ContainerEngine(self.program).load(image, reference)
            return
        from kfp.images.archive import save  # noqa: PLC0415 (start-up: mostly the program has the image)

        with tempfile.TemporaryDirectory(prefix="kfp-base-") as directory:
            save(image, reference, Path(directory, "image.tar"), format="docker")
            self._do("pull", "--quiet", "docker-archive:image.tar", within=Path(directory))

    def save(self, reference: Reference, directory: Path) -> Path:
        """Writes an image that the program has to an archive.

        Args:
            reference: its name.
            directory: where the archive is written.

        Returns:
            The archive: a docker-archive, or of programs that know it an OCI archive, which keeps the image's ID.

        Raises:
            BuildError: the program cannot.
        """
        archive = "image.tar"  # a path with a colon in it could not be told to buildah
        commands = {
            "docker": ("save", "--output", archive, str(reference)),
            "podman": ("save", "--quiet", "--format", "oci-archive", "--output", archive, str(reference)),
            "buildah": ("push", "--quiet", str(reference), f"oci-archive:{archive}:{reference}"),
        }
        self._do(*commands[self.name], within=directory)
        return directory / archive

    def _ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)

    def _do(self, *arguments: str, within: Path) -> None:
        done = subprocess.run(
            [self.program, *arguments],
            cwd=within, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        if done.returncode != 0:
            told = (done.stderr.strip() or done.stdout.strip() or "no reason given")[-500:]
            raise BuildError(f"`{self.program} {arguments[0]}` failed: {told}")


def find_builder(chosen: str | None, *, hint: str) -> Builder:
    """Finds the program to build with: the chosen one, else that of KFP_CONTAINER_ENGINE, else the first that answers.

    Args:
        chosen: one of `NAMES`, or None.
        hint: the ways out, told where there is none.

    Raises:
        EngineUnavailable: there is none, or none answers.
        BuildError: what was chosen builds no images.
    """
    if chosen is not None and chosen not in NAMES:
        raise BuildError(f"{chosen!r} is no engine that builds from a Dockerfile here", hint=f"use {_either(NAMES)}")
    wanted = chosen or os.environ.get(CHOICE)
    silent = []
    for name in [wanted] if wanted else NAMES:
        if shutil.which(name) is not None:
            answer = _answer(name)
            if answer is None:
                return Builder(name)
            silent.append(f"{name} does not answer: {answer}")
    missing = f"{wanted} is not installed" if wanted else "neither docker nor podman nor buildah is on this machine"
    raise EngineUnavailable("; ".join(silent) or missing, hint=hint)


def _answer(program: str) -> str | None:
    """Gives None where a program can build, else what it says instead."""
    question = _QUESTIONS.get(Path(program).name, ("version",))
    try:
        answer = subprocess.run(
            [program, *question],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_ANSWER_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"nothing for {_ANSWER_SECONDS} s"
    except OSError as error:
        return error.strerror or str(error)
    if answer.returncode == 0:
        return None
    return (answer.stderr.strip() or answer.stdout.strip() or "no reason given").splitlines()[-1]


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"
