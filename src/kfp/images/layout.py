"""The index of an OCI image layout: `oci-layout` and `index.json` (image-layout.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidImage, InvalidReference, StoreError
from kfp.filelock import locked
from kfp.images import canonical, durable, fields, media_types
from kfp.images.descriptor import Descriptor
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kfp.images.canonical import JsonObject

REF_NAME: Final = "org.opencontainers.image.ref.name"
"""The annotation that names an entry of `index.json` (annotations.md)."""

LAYOUT: Final = b'{"imageLayoutVersion":"1.0.0"}'
_LIMIT: Final = 10_000

Entries = tuple[Descriptor, ...]


def named(descriptor: Descriptor, reference: Reference) -> Descriptor:
    """The entry of an image in an index."""
    return replace(descriptor, annotations={**descriptor.annotations, REF_NAME: str(reference)})


def name_of(entry: Descriptor) -> Reference | None:
    """The reference of an entry, None where its name is absent or is no reference."""
    try:
        return Reference.parse(entry.annotations.get(REF_NAME, ""))
    except InvalidReference:
        return None


def index_document(entries: Iterable[Descriptor], document: JsonObject | None = None) -> bytes:
    """The text of `index.json`; the unknown fields of `document` are kept."""
    head: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX}
    return canonical.dumps({**(document or head), "manifests": [entry.to_json() for entry in entries]})


def parse_index(data: bytes, what: str) -> tuple[JsonObject, Entries]:
    """Read `index.json`: the document and its entries.

    Raises:
        InvalidImage: it is malformed.
    """
    document = canonical.loads(data, what)
    entries = fields.objects(document, "manifests", what, limit=_LIMIT)
    return document, tuple(Descriptor.from_json(entry, f"entry of {what}") for entry in entries)


@dataclass(frozen=True)
class Layout:
    """`index.json` of a directory; changed by one process at a time, read by any at any time.

    Attributes:
        root: the directory.
        drafts: a directory for temporary files on the same file system.
    """

    root: Path
    drafts: Path

    def entries(self) -> Entries:
        """What the index names; nothing where there is no index.

        Raises:
            StoreError: the index is damaged or cannot be read.
        """
        return self._read()[1]

    def change(self, edit: Callable[[Entries], Entries]) -> None:
        """Replace the entries in one step; no other change can come in between.

        Raises:
            StoreError: the index is damaged, or cannot be written.
        """
        with durable.storing(self.root), locked(self.root / ".lock"):
            marker = self.root / "oci-layout"
            if not marker.is_file():
                durable.write(marker, LAYOUT, drafts=self.drafts)
            document, before = self._read()
            after = edit(before)
            if after != before or not document:
                durable.write(self._path, index_document(after, document), drafts=self.drafts)

    @property
    def _path(self) -> Path:
        return self.root / "index.json"

    def _read(self) -> tuple[JsonObject, Entries]:
        try:
            return parse_index(self._path.read_bytes(), str(self._path))
        except (FileNotFoundError, NotADirectoryError):
            return {}, ()
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {error.strerror}") from error
        except InvalidImage as error:
            raise StoreError(
                error.message, hint="move the directory away; images can be built and pulled again"
            ) from error
