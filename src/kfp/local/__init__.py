"""Runs components and pipelines on this machine when they are called like functions.

After `local.init(runner=local.SubprocessRunner())`, `add(a=1, b=2).output` is 3, for a component or a pipeline `add`.
The engine and the compiler are loaded at the first call: this module is all that `local.init` needs.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.dsl.execution import install
from kfp.errors import RunError, StepError
from kfp.runtime.artifacts import Artifact
from kfp.runtime.system_artifacts import titled

if TYPE_CHECKING:
    from kfp.dsl.base_component import BaseComponent
    from kfp.dsl.python_component import PythonComponent
    from kfp.engine.events import Event
    from kfp.engine.result import RunResult
    from kfp.engine.settings import RunSettings, Source
    from kfp.ir.spec import ComponentSpec, Json

__all__ = ["DockerRunner", "LocalTask", "SubprocessRunner", "init"]


@dataclass(frozen=True)
class SubprocessRunner:
    """Runs each Python step in a process of its own; a step that is no Python component needs docker or podman.

    Args:
        use_venv: give a step that installs packages a virtual environment, which is made once and kept for later runs.
            Without it the step uses this interpreter where that has the packages already (by name, or by exact
            version), and a virtual environment where it does not. Nothing is ever installed into this interpreter.
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


class LocalTask:
    """A component or pipeline that was called and has run.

    Args:
        name: of the component or pipeline.
        state: SUCCEEDED, FAILED or CANCELED.
        outputs: parameters as values, artifacts as objects with local paths, by name.
        error: what went wrong, with the step's own traceback.
        run_id: names the run in `kfp run get`.
    """

    def __init__(self, name: str, state: str, outputs: Mapping[str, Any], error: str | None, run_id: str) -> None:
        self.name = name
        self.state = state
        self.error = error
        self.run_id = run_id
        self._outputs = dict(outputs)

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs by name.

        Raises:
            RunError: there are none, because the run did not succeed.
        """
        if self.state != "SUCCEEDED":
            told = f"{self.name!r} has no outputs, its run {self.run_id} {self.state.lower()}\n{self.error or ''}"
            raise RunError(told.rstrip())
        return self._outputs

    @property
    def output(self) -> Json:
        """The output, where there is exactly one.

        Raises:
            AttributeError: there is none, or there are several.
            RunError: the run did not succeed.
        """
        outputs = self.outputs
        if len(outputs) == 1:
            return next(iter(outputs.values()))
        if not outputs:
            raise AttributeError(f"{self.name!r} has no output")
        names = " or ".join(repr(name) for name in outputs)
        raise AttributeError(f"{self.name!r} has several outputs; name one: .outputs[{names}]")

    def __repr__(self) -> str:
        return f"<LocalTask {self.name!r} {self.state}>"


@dataclass(frozen=True)
class _Local:
    """What `init` was told; runs what is called."""

    runner: SubprocessRunner | DockerRunner
    pipeline_root: Path
    workspace_root: Path | None
    raise_on_error: bool

    def __call__(self, component: BaseComponent, arguments: dict[str, Any]) -> LocalTask:
        from kfp.compiler.compile import document  # noqa: PLC0415 - start-up time
        from kfp.engine.run import run  # noqa: PLC0415 - start-up time

        compiled = document(component)
        given = {name: _argument(value) for name, value in arguments.items()}
        result = run(compiled, given, settings=self._settings(component), on_event=_tell)
        if result.signal is not None:
            _deliver(result.signal)
        if result.state != "SUCCEEDED" and self.raise_on_error:
            raise StepError(result.error or f"the run of {component.name!r} {result.state.lower()}")
        outputs = _outputs(compiled.spec.root, result)
        return LocalTask(component.name, str(result.state), outputs, result.error, result.run_id)

    def _settings(self, component: BaseComponent) -> RunSettings:
        from kfp.engine.settings import RunSettings  # noqa: PLC0415 - start-up time

        in_containers = isinstance(self.runner, DockerRunner)
        return RunSettings(
            pipeline_root=self.pipeline_root,
            workspace=self.workspace_root,
            runner="container" if in_containers else "process",
            container_options=self.runner.container_run_args if isinstance(self.runner, DockerRunner) else {},
            reuse_interpreter=isinstance(self.runner, SubprocessRunner) and not self.runner.use_venv,
            sources={} if in_containers else _sources(component),
        )


def init(  # noqa: PLR0917 - KFP's own signature
    runner: SubprocessRunner | DockerRunner,
    pipeline_root: str = "./local_outputs",
    workspace_root: str | None = None,
    raise_on_error: bool = True,
    enable_caching: bool = False,
    cache_root: str | None = None,
) -> None:
    """Have components and pipelines run on this machine when they are called.

    It holds in the current context (`contextvars`) and those copied from it, such as asyncio tasks, and in every thread
    that does not call `init` for itself.

    Args:
        runner: what steps run in.
        pipeline_root: the directory that artifacts go to.
        workspace_root: the directory that `dsl.WORKSPACE_PATH_PLACEHOLDER` stands for.
        raise_on_error: raise when a run fails; otherwise the returned task's `state` and `error` tell.
        enable_caching: accepted for KFP's sake; every step runs.
        cache_root: accepted likewise.

    Raises:
        RunError: the runner is not one.
    """
    if not isinstance(runner, (SubprocessRunner, DockerRunner)):
        raise RunError(f"{runner!r} is not a runner", hint="pass local.SubprocessRunner() or local.DockerRunner()")
    if enable_caching or cache_root:
        warnings.warn("local runs are not cached yet: every step runs", UserWarning, stacklevel=2)
    workspace = Path(workspace_root).absolute() if workspace_root is not None else None
    install(_Local(runner, Path(pipeline_root).absolute(), workspace, raise_on_error))


def _argument(value: Json) -> Json:
    """Return an argument as the engine takes it: an artifact in its JSON form."""
    if isinstance(value, Artifact):
        kind = {"schemaTitle": value.schema_title, "schemaVersion": value.schema_version}
        uri = value.uri if "://" in value.uri else str(Path(value.uri).absolute())
        return {"name": value.name, "type": kind, "uri": uri, "metadata": dict(value.metadata)}
    if isinstance(value, (list, tuple)) and any(isinstance(each, Artifact) for each in value):
        return [_argument(each) for each in value]
    return value


def _outputs(root: ComponentSpec, result: RunResult) -> dict[str, Any]:
    outputs = dict(result.outputs)
    for name, definition in root.output_definitions.artifacts.items():
        if name in outputs:
            value = outputs[name]
            outputs[name] = [_artifact(each) for each in value] if definition.is_artifact_list else _artifact(value)
    return outputs


def _artifact(data: Mapping[str, Any]) -> Artifact:
    title = data["type"]["schemaTitle"]
    artifact: Artifact = titled(title)(name=data["name"], uri=data["uri"], metadata=dict(data["metadata"]))
    if artifact.schema_title != title:
        artifact.schema_title = title
    return artifact


def _sources(component: BaseComponent) -> dict[tuple[str, str], Source]:
    """Find the code of every containerized component that a component or pipeline holds, by image and function.

    Components of one image and directory share what they install, as they would in the image.

    Raises:
        RunError: two functions of one name belong to one image.
    """
    from kfp.engine.settings import Source  # noqa: PLC0415 - start-up time

    images: dict[tuple[str, Path], Source] = {}
    places: dict[tuple[str, str], Path] = {}
    for each, image in _containerized(component):
        place = _place(each)
        if place is None:
            continue
        directory, module, import_path = place
        file = directory / module
        other = places.setdefault((image, each.function_name), file)
        if other != file:
            raise RunError(
                f"image {image} is the target of two components {each.function_name!r}: in {other} and in {file}",
                hint="give one of them another name, or another target_image",
            )
        known = images.get((image, directory), Source(directory))
        images[image, directory] = Source(
            directory,
            {**known.modules, each.function_name: module},
            tuple(dict.fromkeys([*known.import_path, *import_path])),
            tuple(dict.fromkeys([*known.requirements, *each.packages_to_install])),
            tuple(dict.fromkeys([*known.index_urls, *each.pip_index_urls])),
            tuple(dict.fromkeys([*known.trusted_hosts, *each.pip_trusted_hosts])),
        )
    return {(image, function): source for (image, _), source in images.items() for function in source.modules}


def _containerized(component: BaseComponent) -> Iterator[tuple[PythonComponent, str]]:
    """Yield the Python components with a target image in a component, those of nested pipelines included."""
    from kfp.dsl.graph_component import GraphComponent  # noqa: PLC0415 - start-up time
    from kfp.dsl.python_component import PythonComponent  # noqa: PLC0415 - start-up time

    todo, seen = [component], {id(component)}
    while todo:
        each = todo.pop()
        if isinstance(each, PythonComponent) and each.target_image:
            yield each, each.target_image
        elif isinstance(each, GraphComponent):
            inside = {id(task.component): task.component for task in each.pipeline.tasks.values()}
            todo.extend(item for number, item in inside.items() if number not in seen)
            seen.update(inside)


def _place(component: PythonComponent) -> tuple[Path, Path, list[Path]] | None:
    """Return a component's directory, its module's file relative to that, and where its imports come from besides.

    The directory is the nearest one above that was built (it has a `kfp_config.ini`), else that of the outermost
    package which the module was imported from, else the module's own.
    """
    file = Path(component.module_path).absolute()
    if not file.is_file():
        return None
    packages = component.python_func.__module__.split(".")[:-1]
    outermost = file.parents[max(0, len(packages) - 1)] if len(packages) < len(file.parents) else file.parent
    candidates = [file.parent, *file.parents[1 : len(packages)]]
    directory = next((each for each in candidates if (each / "kfp_config.ini").is_file()), outermost)
    return directory, file.relative_to(directory), [file.parents[len(packages)]] if packages else []


def _tell(event: Event) -> None:
    """Show on stderr what steps write and how they end."""
    from kfp.engine import events  # noqa: PLC0415 - start-up time

    if isinstance(event, events.TaskLog):
        print(f"[{event.task}] {event.line}", file=sys.stderr)
    elif isinstance(event, events.TaskNotice):
        print(f"[{event.task}] warning: {event.message}", file=sys.stderr)
    elif isinstance(event, events.TaskFinished):
        print(f"[{event.task}] {event.state.lower()} in {event.seconds:.2f} s", file=sys.stderr)


def _deliver(number: int) -> None:
    """Do what a signal would have done, now that the run it interrupted is put away."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    os.kill(os.getpid(), number)
