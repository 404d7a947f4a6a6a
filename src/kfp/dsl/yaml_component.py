"""Components that were compiled before and are loaded from their file."""

from typing import Any

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.interface import Interface
from kfp.errors import NotExecutable, SpecError


class YamlComponent(BaseComponent):
    """A component loaded from a compiled pipeline; `kfp.components.load_component_from_file` makes it.

    Args:
        interface: the interface of the document's root.
        document: the compiled pipeline, a `kfp.ir.Document`, or the error of one that can be looked at, not used.
        component_yaml: the text that it was loaded from.
        is_container: whether it is a single container rather than a graph.
    """

    def __init__(self, interface: Interface, document: Any, component_yaml: str, is_container: bool = False) -> None:
        super().__init__(interface)
        self._document = document
        self.component_yaml = component_yaml
        self.is_container = is_container
        self.kind = "a component" if is_container else "a pipeline"

    @property
    def document(self) -> Any:
        """The compiled pipeline, a `kfp.ir.Document`.

        Raises:
            SpecError: it cannot be used.
        """
        self._check_usable()
        return self._document

    def _check_usable(self) -> None:
        if isinstance(self._document, SpecError):
            raise self._document.with_traceback(None)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a compiled pipeline has no function to call in this process.

        Raises:
            NotExecutable: always.
        """
        raise NotExecutable(
            "loaded component {!r} has nothing to run in this process".format(self.name),
            hint="call it in a pipeline, or here after local.init(...)",
        )
