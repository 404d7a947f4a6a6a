"""The configuration of an image: what it runs and what it is made of (OCI image-spec, config.md)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from kfp.errors import InvalidImage
from kfp.images import canonical, fields
from kfp.images import digest as digests
from kfp.images.manifest import LAYER_LIMIT
from kfp.images.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.images.canonical import JsonObject

EPOCH: Final = "1970-01-01T00:00:00Z"
_WHAT: Final = "image configuration"
_HISTORY_LIMIT: Final = 10_000


def timestamp(seconds: int) -> str:
    """RFC 3339 text of a Unix time, for `created`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@dataclass(frozen=True)
class History:
    """One step of an image's history.

    Attributes:
        empty_layer: True when the step changed the configuration only and has no layer.
    """

    created: str = ""
    created_by: str = ""
    comment: str = ""
    empty_layer: bool = False

    def to_json(self) -> JsonObject:
        """The object of config.md's `history`."""
        document: JsonObject = {
            key: value
            for key, value in (("created", self.created), ("created_by", self.created_by), ("comment", self.comment))
            if value
        }
        return {**document, "empty_layer": True} if self.empty_layer else document


@dataclass(frozen=True)
class Config:
    """An immutable view of a configuration; whatever this version does not know is kept.

    `with_…` methods return a new configuration in canonical JSON; an unchanged one keeps its bytes.

    Attributes:
        data: the JSON text.

    Raises:
        InvalidImage: the text is no image configuration.
    """

    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        rootfs = fields.mapping(self._document, "rootfs", _WHAT)
        if rootfs.get("type") != "layers":
            raise InvalidImage(f"the {_WHAT} has no rootfs of type 'layers'; it may be an artifact, not an image")
        if len(self.diff_ids) > LAYER_LIMIT:
            raise InvalidImage(f"the {_WHAT} has {len(self.diff_ids)} layers, more than the limit of {LAYER_LIMIT}")
        for diff_id in self.diff_ids:
            digests.check(diff_id)
        # Reading a view checks its type: a malformed configuration is refused here, not at its first use.
        _ = self.platform, self.env, self.labels, self.history, self.working_dir, self.user, self.entrypoint, self.cmd

    @classmethod
    def create(cls, platform: Platform, created: str = EPOCH) -> Config:
        """The configuration of an image without layers."""
        document: JsonObject = {
            **platform.to_json(),
            "config": {},
            "created": created,
            "history": [],
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        return cls(canonical.dumps(document))

    def to_bytes(self) -> bytes:
        """The JSON text, as it was read or canonical; its digest is the image's ID."""
        return self.data

    def to_json(self) -> JsonObject:
        """The whole document, a fresh copy."""
        return canonical.loads(self.data, _WHAT)

    @property
    def digest(self) -> str:
        """The digest of the text."""
        return digests.sha256(self.data)

    @cached_property
    def platform(self) -> Platform:
        """What the image is for."""
        return Platform.from_json(self._document, _WHAT)

    @cached_property
    def created(self) -> str:
        """RFC 3339 time, "" where it is not stated."""
        return fields.text(self._document, "created", _WHAT)

    @cached_property
    def diff_ids(self) -> tuple[str, ...]:
        """The digests of the uncompressed layers, the base's first."""
        return fields.texts(self._document.get("rootfs") or {}, "diff_ids", _WHAT)

    @cached_property
    def history(self) -> tuple[History, ...]:
        """The steps that made the image, oldest first."""
        steps = fields.objects(self._document, "history", _WHAT, limit=_HISTORY_LIMIT)
        return tuple(
            History(
                fields.text(step, "created", _WHAT),
                fields.text(step, "created_by", _WHAT),
                fields.text(step, "comment", _WHAT),
                bool(step.get("empty_layer")),
            )
            for step in steps
        )

    @cached_property
    def env(self) -> Mapping[str, str]:
        """Environment variables, in order."""
        pairs = (entry.partition("=") for entry in fields.texts(self._settings, "Env", _WHAT))
        return MappingProxyType({name: value for name, _, value in pairs})

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Labels."""
        return MappingProxyType(fields.text_map(self._settings, "Labels", _WHAT))

    @cached_property
    def working_dir(self) -> str:
        """Where the command starts; "" means "/"."""
        return fields.text(self._settings, "WorkingDir", _WHAT)

    @cached_property
    def user(self) -> str:
        """Who runs the command; "" means root."""
        return fields.text(self._settings, "User", _WHAT)

    @cached_property
    def entrypoint(self) -> tuple[str, ...]:
        """What is run, before `cmd`."""
        return _command(self._settings, "Entrypoint")

    @cached_property
    def cmd(self) -> tuple[str, ...]:
        """Default arguments of the entrypoint, or the command where there is none."""
        return _command(self._settings, "Cmd")

    def with_env(self, env: Mapping[str, str]) -> Config:
        """Set variables: a known one in its place, new ones at the end in the mapping's order."""
        for name in env:
            if not name or "=" in name or "\0" in name + env[name]:
                raise InvalidImage(f"{name!r} cannot be an environment variable of an image")
        merged = {**self.env, **env}
        return self._with_settings(Env=[f"{name}={value}" for name, value in merged.items()])

    def with_labels(self, labels: Mapping[str, str]) -> Config:
        """Set labels; the others stay."""
        return self._with_settings(Labels={**self.labels, **labels})

    def with_working_dir(self, path: str) -> Config:
        """Set where the command starts."""
        return self._with_settings(WorkingDir=path)

    def with_user(self, user: str) -> Config:
        """Set who runs the command: a name or number, optionally ":group"."""
        return self._with_settings(User=user)

    def with_entrypoint(self, entrypoint: Iterable[str]) -> Config:
        """Set what is run; an inherited command is cleared, since it was written for the former entrypoint."""
        return self._with_settings(Entrypoint=list(entrypoint), Cmd=None)

    def with_cmd(self, cmd: Iterable[str]) -> Config:
        """Set the default arguments."""
        return self._with_settings(Cmd=list(cmd))

    def with_created(self, created: str) -> Config:
        """Set the time of creation (RFC 3339)."""
        return self._changed({**self.to_json(), "created": created})

    def with_platform(self, platform: Platform) -> Config:
        """Set what the image is for."""
        document = self.to_json()
        for key in ("os", "architecture", "variant", "os.version"):
            document.pop(key, None)
        return self._changed({**document, **platform.to_json()})

    def with_layer(self, diff_id: str, created_by: str = "", *, comment: str = "", created: str = EPOCH) -> Config:
        """Add a layer on top, and its step to the history.

        A history that does not tell one step for each layer (some builders write none) is completed first:
        the number of steps that are not empty always equals the number of layers.
        """
        document = self.to_json()
        document["rootfs"] = {**document["rootfs"], "diff_ids": [*self.diff_ids, digests.check(diff_id)]}
        step = History(created, created_by, comment).to_json()
        document["history"] = [*self._whole_history(document), step]
        return self._changed(document)

    def with_history(self, created_by: str, *, comment: str = "", created: str = EPOCH) -> Config:
        """Add a step that has no layer to the history."""
        document = self.to_json()
        step = History(created, created_by, comment, empty_layer=True).to_json()
        document["history"] = [*self._whole_history(document), step]
        return self._changed(document)

    @cached_property
    def _document(self) -> JsonObject:
        return canonical.loads(self.data, _WHAT)

    @cached_property
    def _settings(self) -> JsonObject:
        return fields.mapping(self._document, "config", _WHAT)

    def _whole_history(self, document: JsonObject) -> list[JsonObject]:
        steps: list[JsonObject] = list(document.get("history") or [])
        missing = len(self.diff_ids) - sum(not step.empty_layer for step in self.history)
        if missing < 0:  # More steps than layers: nobody can tell which are true, so the layers alone are told.
            return [{} for _ in self.diff_ids]
        return [*({} for _ in range(missing)), *steps]

    def _with_settings(self, **settings: object) -> Config:
        document = self.to_json()
        merged = {**fields.mapping(document, "config", _WHAT), **settings}
        kept = {key: value for key, value in merged.items() if value is not None or key not in settings}
        return self._changed({**document, "config": kept})

    def _changed(self, document: JsonObject) -> Config:
        return Config(canonical.dumps(document))


def _command(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    # Docker reads a string as a list of one.
    value = settings.get(key)
    return (value,) if isinstance(value, str) else fields.texts(settings, key, _WHAT)
