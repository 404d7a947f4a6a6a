"""`@dsl.component`: a Python function becomes a component."""

import os
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Sequence, Tuple, Union, overload

from kfp.dsl import embedded
from kfp.dsl.component_task_config import TaskConfigField, TaskConfigPassthrough, read_passthroughs
from kfp.dsl.interface import read_interface
from kfp.dsl.python_component import PythonComponent, PythonSettings
from kfp.errors import AuthoringError
from kfp.location import definition
from kfp.runtime.signature import inspect_signature

DEFAULT_BASE_IMAGE = "python:3.11"
"""The base image where neither the component nor KFP_DEFAULT_BASE_IMAGE names one."""

if TYPE_CHECKING:

    @overload
    def component(
        func: Callable[..., Any],
        *,
        base_image: Optional[str] = None,
        target_image: Optional[str] = None,
        packages_to_install: Optional[List[str]] = None,
        pip_index_urls: Optional[List[str]] = None,
        output_component_file: Optional[str] = None,
        install_kfp_package: bool = True,
        kfp_package_path: Optional[str] = None,
        pip_trusted_hosts: Optional[List[str]] = None,
        use_venv: bool = False,
        additional_funcs: Optional[List[Callable[..., Any]]] = None,
        embedded_artifact_path: Optional[str] = None,
        task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
    ) -> PythonComponent: ...

    @overload
    def component(
        func: None = None,
        *,
        base_image: Optional[str] = None,
        target_image: Optional[str] = None,
        packages_to_install: Optional[List[str]] = None,
        pip_index_urls: Optional[List[str]] = None,
        output_component_file: Optional[str] = None,
        install_kfp_package: bool = True,
        kfp_package_path: Optional[str] = None,
        pip_trusted_hosts: Optional[List[str]] = None,
        use_venv: bool = False,
        additional_funcs: Optional[List[Callable[..., Any]]] = None,
        embedded_artifact_path: Optional[str] = None,
        task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
    ) -> Callable[[Callable[..., Any]], PythonComponent]: ...


def component(
    func: Optional[Callable[..., Any]] = None,
    *,
    base_image: Optional[str] = None,
    target_image: Optional[str] = None,
    packages_to_install: Optional[List[str]] = None,
    pip_index_urls: Optional[List[str]] = None,
    output_component_file: Optional[str] = None,
    install_kfp_package: bool = True,
    kfp_package_path: Optional[str] = None,
    pip_trusted_hosts: Optional[List[str]] = None,
    use_venv: bool = False,
    additional_funcs: Optional[List[Callable[..., Any]]] = None,
    embedded_artifact_path: Optional[str] = None,
    task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
) -> Union[PythonComponent, Callable[[Callable[..., Any]], PythonComponent]]:
    """Make a component from a Python function; the decorator works with and without arguments.

    Args:
        func: the function; its annotations are the component's interface.
        base_image: the image that has Python; `python:3.11`, or KFP_DEFAULT_BASE_IMAGE where that is set.
        target_image: makes the component containerized: the image that `kfp component build` makes for it.
        packages_to_install: requirements as pip writes them.
        pip_index_urls: package indexes, the first instead of PyPI and the others besides it.
        output_component_file: also compile the component into this YAML file; deprecated.
        install_kfp_package: whether the step gets the runtime; False where the image has a `kfp` of its own.
        kfp_package_path: a requirement to install as `kfp` in the step instead.
        pip_trusted_hosts: index hosts whose certificates are not checked.
        use_venv: whether packages go into a virtual environment in the step.
        additional_funcs: functions that the function calls; their source travels with it.
        embedded_artifact_path: a file or directory that travels with the function, which gets it as its EmbeddedInput.
        task_config_passthroughs: settings of its tasks that the component takes over, in its dsl.TaskConfig.

    Returns:
        The component, or the decorator that makes it.

    Raises:
        AuthoringError: the function cannot be a component, or an argument is not of its type.
    """
    if embedded_artifact_path is not None and target_image is not None:
        raise AuthoringError(
            "@dsl.component: embedded_artifact_path is for lightweight components, and target_image is set",
            hint="files beside a containerized component's module are in its image",
        )
    if output_component_file is not None:
        warn_of_output_component_file()
    settings = python_settings(
        base_image=default_base_image(base_image),
        target_image=target_image,
        packages_to_install=packages_to_install,
        pip_index_urls=pip_index_urls,
        pip_trusted_hosts=pip_trusted_hosts,
        install_kfp_package=install_kfp_package,
        kfp_package_path=kfp_package_path,
        use_venv=use_venv,
        additional_funcs=tuple(additional_funcs or ()),
        embedded=None if embedded_artifact_path is None else embedded.artifact(embedded_artifact_path),
        task_config_passthroughs=read_passthroughs(task_config_passthroughs),
    )
    made = partial(create, settings, output_component_file)
    return made if func is None else made(func)


def default_base_image(base_image: Optional[str]) -> str:
    """Give the image that a decorator names, or the one that holds where it names none."""
    return base_image or os.environ.get("KFP_DEFAULT_BASE_IMAGE") or DEFAULT_BASE_IMAGE


def warn_of_output_component_file() -> None:
    """Say to the caller of a decorator that `output_component_file` is deprecated."""
    warnings.warn(
        "output_component_file is deprecated; compile the component instead: "
        "kfp.compiler.Compiler().compile(component, 'component.yaml')",
        DeprecationWarning,
        stacklevel=3,
    )


def python_settings(**settings: Any) -> PythonSettings:
    """Give the settings of a component, its lists of texts checked.

    Raises:
        AuthoringError: one of them is a single text, or holds something else.
    """
    for name in ("packages_to_install", "pip_index_urls", "pip_trusted_hosts"):
        settings[name] = _texts(name, settings[name])
    return PythonSettings(**settings)


def create(settings: PythonSettings, output_component_file: Optional[str], func: Callable[..., Any]) -> PythonComponent:
    """Make a component of a function, and write its file where one is asked for."""
    signature = inspect_signature(func)
    if signature.embedded and settings.embedded is None:
        raise AuthoringError(
            "component {!r} has an EmbeddedInput {!r} and embeds nothing".format(
                func.__name__, next(iter(signature.embedded))
            ),
            hint="name the file or directory: @dsl.component(embedded_artifact_path='...')",
            location=definition(func),
        )
    created = PythonComponent(read_interface(signature, func.__name__), func, settings)
    if output_component_file:
        from kfp.compiler import Compiler  # upward and on demand, as Component.pipeline_spec is

        Compiler().compile(created, output_component_file)
    return created


def _texts(name: str, values: Optional[Sequence[str]]) -> Tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values or ()):
        raise AuthoringError(
            "@dsl.component: {} takes a list of texts, not {!r}".format(name, values),
            hint="write {}=[{!r}]".format(name, values) if isinstance(values, str) else None,
        )
    return tuple(values or ())
