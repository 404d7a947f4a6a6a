"""The JSON schemas that the OCI image-spec publishes, as Debian packages them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from kfp.images import media_types
from tests.parts.processes import missing

_FOLDER = Path("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema")
_PACKAGE = "golang-github-opencontainers-image-spec-dev"
_FILES = {
    **dict.fromkeys(media_types.MANIFESTS, "image-manifest-schema.json"),
    **dict.fromkeys(media_types.INDEXES, "image-index-schema.json"),
    media_types.OCI_CONFIG: "config-schema.json",
    media_types.DOCKER_CONFIG: "config-schema.json",
}
LAYOUT = "image-layout-schema.json"


def complaints(document: object, media_type: str) -> list[str]:
    """Return what the schema of a media type (or the schema file of that name) finds wrong with a document."""
    validator = _validator(_FILES.get(media_type, media_type))
    return [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in validator.iter_errors(document)]


@functools.cache
def _validator(file: str) -> Draft4Validator:
    resource = _resource(file)
    return Draft4Validator(resource.contents, registry=Registry(retrieve=_retrieve))


def _retrieve(uri: str) -> Resource[Any]:
    """Find what `$ref` names: the schemas' ids differ from their places, the last part is the file's name."""
    return _resource(uri.rpartition("/")[2])


def _resource(file: str) -> Resource[Any]:
    if not _FOLDER.is_dir():
        missing(f"the image-spec's schemas are not installed (Debian package {_PACKAGE})")
    return DRAFT4.create_resource(json.loads((_FOLDER / file).read_text(encoding="utf-8")))
