"""What a layer will hold, before anybody knows whether it has to be built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kfp.build.events import LayerKind
    from kfp.images.tar import Entry


@dataclass(frozen=True)
class LayerRecipe:
    """A layer of known contents.

    Args:
        kind: whose it is.
        summary: what it holds, for people.
        key: of the layer cache: two recipes with the same key give the same layer.
        inputs: name → version or digest of what goes in, for whoever explains a change.
        entries: called only when the layer has to be built.
    """

    kind: LayerKind
    summary: str
    key: str
    inputs: Mapping[str, str]
    entries: Callable[[], Iterable[Entry]]
