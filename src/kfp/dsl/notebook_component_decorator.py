"""`@dsl.notebook_component`: a function that runs a Jupyter notebook becomes a component."""

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Union, overload

from kfp.dsl import embedded
from kfp.dsl.component_decorator import create, default_base_image, python_settings, warn_of_output_component_file
from kfp.dsl.component_task_config import TaskConfigField, TaskConfigPassthrough, read_passthroughs
from kfp.dsl.python_component import PythonComponent
from kfp.errors import NotExecutable

_PACKAGES = ["nbclient>=0.10,<1", "ipykernel>=6,<7", "jupyter_client>=7,<9"]
"""What runs a notebook; an author who lists packages lists these as well, or has them in the base image."""


if TYPE_CHECKING:

    @overload
    def notebook_component(
        func: Callable[..., Any],
        *,
        notebook_path: str,
        base_image: Optional[str] = None,
        packages_to_install: Optional[List[str]] = None,
        output_component_file: Optional[str] = None,
        pip_index_urls: Optional[List[str]] = None,
        pip_trusted_hosts: Optional[List[str]] = None,
        use_venv: bool = False,
        kfp_package_path: Optional[str] = None,
        install_kfp_package: bool = True,
        task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
    ) -> PythonComponent: ...

    @overload
    def notebook_component(
        func: None = None,
        *,
        notebook_path: str,
        base_image: Optional[str] = None,
        packages_to_install: Optional[List[str]] = None,
        output_component_file: Optional[str] = None,
        pip_index_urls: Optional[List[str]] = None,
        pip_trusted_hosts: Optional[List[str]] = None,
        use_venv: bool = False,
        kfp_package_path: Optional[str] = None,
        install_kfp_package: bool = True,
        task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
    ) -> Callable[[Callable[..., Any]], PythonComponent]: ...


def notebook_component(
    func: Optional[Callable[..., Any]] = None,
    *,
    notebook_path: str,
    base_image: Optional[str] = None,
    packages_to_install: Optional[List[str]] = None,
    output_component_file: Optional[str] = None,
    pip_index_urls: Optional[List[str]] = None,
    pip_trusted_hosts: Optional[List[str]] = None,
    use_venv: bool = False,
    kfp_package_path: Optional[str] = None,
    install_kfp_package: bool = True,
    task_config_passthroughs: Optional[List[Union[TaskConfigPassthrough, TaskConfigField]]] = None,
) -> Union[PythonComponent, Callable[[Callable[..., Any]], PythonComponent]]:
    """Make a component whose function runs a notebook with `dsl.run_notebook(...)`.

    Args:
        func: the function; its annotations are the component's interface.
        notebook_path: a notebook, or a directory with one notebook, whose other files travel as well.
        base_image: the image that has Python; `python:3.11`, or KFP_DEFAULT_BASE_IMAGE where that is set.
        packages_to_install: requirements as pip writes them; nbclient, ipykernel and jupyter_client by default.
        output_component_file: also compile the component into this YAML file; deprecated.
        pip_index_urls: package indexes, the first instead of PyPI and the others besides it.
        pip_trusted_hosts: index hosts whose certificates are not checked.
        use_venv: whether packages go into a virtual environment in the step.
        kfp_package_path: a requirement to install as `kfp` in the step instead of the runtime.
        install_kfp_package: whether the step gets the runtime; False where the image has a `kfp` of its own.
        task_config_passthroughs: settings of its tasks that the component takes over.

    Returns:
        The component, or the decorator that makes it.

    Raises:
        AuthoringError: the function cannot be a component, or there is no such notebook.
    """
    if output_component_file is not None:
        warn_of_output_component_file()
    settings = python_settings(
        base_image=default_base_image(base_image),
        packages_to_install=_PACKAGES if packages_to_install is None else packages_to_install,
        pip_index_urls=pip_index_urls,
        pip_trusted_hosts=pip_trusted_hosts,
        install_kfp_package=install_kfp_package,
        kfp_package_path=kfp_package_path,
        use_venv=use_venv,
        embedded=embedded.notebook(notebook_path),
        task_config_passthroughs=read_passthroughs(task_config_passthroughs),
    )
    made = partial(create, settings, output_component_file)
    return made if func is None else made(func)


def run_notebook(**kwargs: Any) -> None:  # for type checkers the body goes on after it
    """Run the notebook of the notebook component around the call, with these variables.

    Raises:
        NotExecutable: the call is not in a step of a notebook component.
    """
    del kwargs
    raise NotExecutable(
        "dsl.run_notebook() works only inside a step of a notebook component",
        hint="call it in the body of a function with @dsl.notebook_component(notebook_path=...)",
    )
