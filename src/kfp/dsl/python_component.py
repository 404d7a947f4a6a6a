"""Components made from a Python function with `@dsl.component`."""

from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Tuple

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.component_task_config import TaskConfigPassthrough
from kfp.dsl.embedded import Embedded
from kfp.dsl.interface import Interface

if TYPE_CHECKING:
    from pathlib import Path


class PythonSettings(NamedTuple):
    """What `@dsl.component` says of how the function runs.

    Attributes:
        base_image: the image that has Python.
        target_image: the image that is built to hold the function, or None for a lightweight component.
        packages_to_install: requirements as pip writes them.
        pip_index_urls: the package indexes, the first instead of PyPI and the others besides it.
        pip_trusted_hosts: index hosts whose certificates are not checked.
        install_kfp_package: whether the step gets the runtime; otherwise the image has a `kfp` of its own.
        kfp_package_path: a requirement that is installed as `kfp` instead of the runtime.
        use_venv: whether packages go into a virtual environment in the step.
        additional_funcs: functions whose source travels with the component's.
        embedded: files that travel with a lightweight component.
        task_config_passthroughs: settings of its tasks that the component takes over.
    """

    base_image: str
    target_image: Optional[str] = None
    packages_to_install: Tuple[str, ...] = ()
    pip_index_urls: Tuple[str, ...] = ()
    pip_trusted_hosts: Tuple[str, ...] = ()
    install_kfp_package: bool = True
    kfp_package_path: Optional[str] = None
    use_venv: bool = False
    additional_funcs: Tuple[Callable[..., Any], ...] = ()
    embedded: Optional[Embedded] = None
    task_config_passthroughs: Tuple[TaskConfigPassthrough, ...] = ()


class PythonComponent(BaseComponent):
    """A component made from a Python function.

    It is lightweight (the function's source travels in the pipeline) or, with a `target_image`, containerized (the
    image holds the module).

    Args:
        interface: the interface that the function's signature describes.
        python_func: the function.
        settings: how it runs.
    """

    def __init__(self, interface: Interface, python_func: Callable[..., Any], settings: PythonSettings) -> None:
        super().__init__(interface)
        self.python_func = python_func
        self.settings = settings

    @property
    def function_name(self) -> str:
        """The function's name, by which the step finds it."""
        return self.python_func.__name__

    @property
    def module_path(self) -> "Path":
        """The file that the function was defined in."""
        from pathlib import Path

        return Path(self.python_func.__code__.co_filename)

    @property
    def base_image(self) -> str:
        """The image that has Python."""
        return self.settings.base_image

    @property
    def target_image(self) -> Optional[str]:
        """The image that is built to hold the function, or None for a lightweight component."""
        return self.settings.target_image

    @property
    def packages_to_install(self) -> Tuple[str, ...]:
        """The requirements, as pip writes them."""
        return self.settings.packages_to_install

    @property
    def pip_index_urls(self) -> Tuple[str, ...]:
        """The package indexes."""
        return self.settings.pip_index_urls

    @property
    def pip_trusted_hosts(self) -> Tuple[str, ...]:
        """The index hosts whose certificates are not checked."""
        return self.settings.pip_trusted_hosts

    def _passthroughs(self) -> Tuple[TaskConfigPassthrough, ...]:
        return self.settings.task_config_passthroughs

    def execute(self, **kwargs: Any) -> Any:
        """Call the function."""
        return self.python_func(**kwargs)
