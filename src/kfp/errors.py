"""Every exception that Skiff raises on purpose, in one tree.

    SkiffError
    ├── AuthoringError        a component or pipeline is written in a way that cannot work
    │   ├── UnknownOutputError    a task has no such output, or not exactly one
    │   ├── UndefinedNameError    a component function uses a name that nothing defines
    │   ├── InvalidControlFlowException    a dsl.Elif or dsl.Else that belongs to no dsl.If
    │   ├── InvalidTopologyException    a task needs what it cannot get where it stands, or tasks wait in a circle
    │   ├── SignatureError        the parameters or results of a component function are not what one can have
    │   └── ArgumentTypeError     a call passes an argument of the wrong type, none, or an unknown one
    │       └── InconsistentTypeException    an argument or output is of another type than what it goes to
    ├── SpecError             a document is not a valid PipelineSpec
    │   └── SpecTypeError         it uses a value, path or type where it has none
    ├── UrlError              a URL cannot be read
    ├── FileAbsent            a file that was named does not exist
    ├── ImageError            something about a container image
    │   ├── InvalidReference      an image name that the grammar does not allow
    │   ├── ImageNotFound         neither the store nor the registry has the image
    │   ├── InvalidImage          a manifest, configuration, layer or archive that breaks its format
    │   ├── StoreError            the local image store cannot be read or written
    │   ├── BlobAbsent            a layer that was never downloaded; it knows where it can be fetched
    │   └── RegistryError         a registry refused, failed or answered nonsense
    │       ├── RegistryUnreachable   no connection to it
    │       └── AuthenticationError   it refused the credentials, or wants some
    ├── RequirementsError     Python packages cannot be resolved, fetched or installed
    ├── BuildError            a component directory cannot be built
    └── RunError              a pipeline run cannot start, or ended badly
        ├── ArgumentsError        unknown, missing or mistyped pipeline arguments
        ├── StepError             a step ended with an error
        ├── NoOutputs             an output of what did not succeed
        ├── EngineUnavailable     no container engine, or it does not answer
        └── NotExecutable         what is called has nothing to run in this process

A message says what is wrong; `location` says where in the author's files, if it is there; `hint` says what to do next.
Messages are one sentence without a closing full stop. The command line prints them without a traceback and exits with
`exit_code`.
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, Optional

from kfp.location import Location, caller

if TYPE_CHECKING:
    from os import PathLike


class SkiffError(Exception):
    """The root of every error that Skiff raises on purpose.

    Args:
        message: what is wrong, and where in a document or image; one sentence without a full stop.
        hint: what to do next, or None where the message says it.
        location: the line of the author's code that is wrong, or None where none is.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: Optional[str] = None, location: Optional[Location] = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location

    @property
    def located_message(self) -> str:
        """The message, after the location where there is one."""
        return self.message if self.location is None else "{}: {}".format(self.location, self.message)

    def __str__(self) -> str:
        return self.located_message + ("" if self.hint is None else "\nhint: {}".format(self.hint))


class AuthoringError(SkiffError, ValueError):
    """A component or pipeline is written in a way that cannot work.

    Args:
        message: what is wrong.
        hint: what to do next.
        location: the line that is wrong, for what is found later; by default the author's line that led here.
    """

    def __init__(self, message: str, *, hint: Optional[str] = None, location: Optional[Location] = None) -> None:
        super().__init__(message, hint=hint, location=location or caller())


@contextmanager
def located(location: Optional[Location]) -> Iterator[None]:
    """Give the errors that are raised in a block, and know no line of the author's code, this one."""
    try:
        yield
    except SkiffError as error:
        error.location = error.location or location
        raise


class UnknownOutputError(AuthoringError, AttributeError, KeyError):
    """A task has no such output, or not exactly one; a loop's item has no such entry, an artifact no such attribute."""


class UndefinedNameError(AuthoringError):
    """A component function uses a name that nothing defines where it will run."""


class InvalidControlFlowException(AuthoringError):
    """A dsl.Elif or dsl.Else follows no dsl.If; KFP's name for it."""


class InvalidTopologyException(AuthoringError):
    """A task needs an output that its group cannot get, or tasks wait for each other in a circle; KFP's name for it."""


class SignatureError(AuthoringError, TypeError):
    """The parameters or results of a component function are not what a component can have."""


class ArgumentTypeError(AuthoringError, TypeError):
    """A component or pipeline is called with a wrong, missing or unknown argument."""


class InconsistentTypeException(ArgumentTypeError):
    """An argument or a pipeline's output is of another type than what it goes to; KFP's name for it."""


class SpecError(SkiffError, ValueError):
    """A document is not a valid PipelineSpec; the message carries the path of the offending field."""


class SpecTypeError(SpecError, TypeError):
    """A document uses an input, output or type as what it is not."""


class UrlError(SkiffError, OSError, ValueError):
    """A URL cannot be read, or is of a kind that nothing here reads."""


class FileAbsent(SkiffError, FileNotFoundError):
    """A file that was named does not exist."""


class ImageError(SkiffError):
    """Something is wrong with a container image."""


class InvalidReference(ImageError, ValueError):
    """An image name that the reference grammar does not allow."""


class ImageNotFound(ImageError, LookupError):
    """Neither the local store nor the image's registry has it."""


class InvalidImage(ImageError, ValueError):
    """A manifest, configuration, layer or archive that breaks its format or its digest."""


class StoreError(ImageError):
    """The local image store cannot be read or written."""


class BlobAbsent(ImageError, LookupError):
    """A blob, usually a base image's layer, that was never downloaded.

    Args:
        digest: the blob's digest.
        origin: the canonical name of the image that it can be fetched with, or None where nobody recorded one.
    """

    def __init__(self, digest: str, origin: Optional[str] = None) -> None:
        where = "" if origin is None else ", it can be fetched with {}".format(origin)
        super().__init__("the blob {} is not on this machine{}".format(digest, where))
        self.digest = digest
        self.origin = origin


class RegistryError(ImageError):
    """A registry refused a request, failed, or answered nonsense."""


class RegistryUnreachable(RegistryError):
    """No connection to the registry could be made."""


class AuthenticationError(RegistryError):
    """The registry refused the credentials, or wants some where none are configured."""


class RequirementsError(SkiffError):
    """Python packages cannot be resolved, fetched or installed for the target."""


class BuildError(SkiffError):
    """A directory of components cannot be built."""


class RunError(SkiffError, RuntimeError):
    """A pipeline run cannot start, or ended badly."""


class ArgumentsError(RunError, ValueError, TypeError):
    """Pipeline arguments that are unknown, missing, or of the wrong type."""


class StepError(RunError):
    """A step ended with an error; the message names the task and carries the step's own traceback.

    Args:
        message: what went wrong, in every task that failed.
        task: the path of the first task that failed, its names joined by `/`; None where no step failed.
        attempt: which of its attempts this was, from 1.
        log: the file with everything that the attempt wrote.
        traceback: the step's own, None where it left none.
    """

    def __init__(
        self,
        message: str,
        *,
        task: Optional[str] = None,
        attempt: int = 0,
        log: "Optional[PathLike[str]]" = None,
        traceback: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.task = task
        self.attempt = attempt
        self.log = log
        self.traceback = traceback


class NoOutputs(RunError, AttributeError, KeyError):
    """An output is asked for of what failed, was canceled or was skipped."""


class EngineUnavailable(RunError):
    """No container engine is installed, or the one there does not answer."""


class NotExecutable(RunError, NotImplementedError):
    """What is called has nothing to run in this process: a container, a compiled component, a notebook."""
