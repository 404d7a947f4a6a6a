"""Reads what a task says for Kubernetes, `KubernetesExecutorConfig`: what comes true here, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from kfp.errors import SpecError
from kfp.ir.spec import InputParameterSpec, Json

Kind = Literal["secret", "configMap"]

_READ = frozenset(
    {
        "secretAsEnv",
        "configMapAsEnv",
        "secretAsVolume",
        "configMapAsVolume",
        "pvcMount",
        "emptyDirMounts",
        "genericEphemeralVolume",
        "fieldPathAsEnv",
        "activeDeadlineSeconds",
        "podMetadata",
        "securityContext",
    }
)
_SETTERS = {
    "nodeSelector": "add_node_selector",
    "nodeAffinity": "add_node_affinity",
    "tolerations": "add_toleration",
    "podMetadata": "add_pod_label and add_pod_annotation",
    "imagePullSecret": "set_image_pull_secrets",
    "imagePullPolicy": "set_image_pull_policy",
}
_EMPTY = "emptyDirMounts"
_DEFAULT_POLICY = ("imagePullPolicy", "IfNotPresent")  # what is done here


class Name(msgspec.Struct, frozen=True):
    """A name in the settings: a text that is known, or where it comes from."""

    text: str | None = None
    source: InputParameterSpec | None = None


class Variables(msgspec.Struct, frozen=True):
    """Environment variables from the keys of a secret or ConfigMap; `keys` holds (key, variable)."""

    kind: Kind
    name: Name
    keys: tuple[tuple[str, str], ...]
    optional: bool


class Files(msgspec.Struct, frozen=True):
    """A secret or ConfigMap as a directory with a file for each key."""

    kind: Kind
    name: Name
    path: str
    optional: bool


class Claim(msgspec.Struct, frozen=True):
    """A PersistentVolumeClaim, or a directory of it, at a place in the step."""

    name: Name
    path: str
    sub_path: str


class Scratch(msgspec.Struct, frozen=True):
    """An empty directory that lives as long as an attempt of the step."""

    name: str
    path: str
    in_memory: bool = False


class Settings(msgspec.Struct, frozen=True):
    """What a task says for Kubernetes.

    Args:
        variables: environment variables, the later ones win.
        files: secrets and ConfigMaps as files.
        claims: volumes that outlive the run.
        scratch: volumes that do not outlive the step.
        fields: fields of the pod by environment variable.
        timeout: seconds after which the step is ended; 0 never.
        labels: the pod's labels.
        annotations: the pod's annotations.
        unread: the functions whose settings mean nothing on one machine.
        user: who a container runs as, `USER`, `USER:GROUP` or `:GROUP` in numbers; empty is as the image says.
        raw: the JSON that all of this was read from.
    """

    variables: tuple[Variables, ...] = ()
    files: tuple[Files, ...] = ()
    claims: tuple[Claim, ...] = ()
    scratch: tuple[Scratch, ...] = ()
    fields: Mapping[str, str] = msgspec.field(default_factory=dict)
    timeout: int = 0
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    annotations: Mapping[str, str] = msgspec.field(default_factory=dict)
    unread: tuple[str, ...] = ()
    user: str = ""
    raw: Mapping[str, Json] = msgspec.field(default_factory=dict)

    @property
    def has_volumes(self) -> bool:
        """Whether the step sees something at a place of its own."""
        return bool(self.files or self.claims or self.scratch)

    @property
    def places(self) -> tuple[str, ...]:
        """Where those are."""
        return (*(it.path for it in self.files), *(it.path for it in self.claims), *(it.path for it in self.scratch))

    def names(self) -> Iterator[Name]:
        """Yield every name that may come from a parameter."""
        yield from (each.name for each in self.variables)
        yield from (each.name for each in self.files)
        yield from (each.name for each in self.claims)


def read_settings(config: Mapping[str, Json], where: str) -> Settings:
    """Read an executor's settings for Kubernetes.

    Args:
        config: the JSON of the platform spec.
        where: its path in the document, for errors.

    Raises:
        SpecError: a setting that comes true here is malformed.
    """
    try:
        return _settings(config)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise SpecError(f"{where}: {error}") from None


def _settings(config: Mapping[str, Json]) -> Settings:
    metadata = config.get("podMetadata") or {}
    labels, annotations = (_texts(metadata.get(each) or {}) for each in ("labels", "annotations"))
    fields = {_text(item, "name"): _text(item, "fieldPath") for item in config.get("fieldPathAsEnv") or ()}
    context = config.get("securityContext") or {}
    user, group = ("" if context.get(each) is None else str(int(context[each])) for each in ("runAsUser", "runAsGroup"))
    unread = [key for key, value in config.items() if key not in _READ and value and (key, value) != _DEFAULT_POLICY]
    if any(not path.startswith(("metadata.labels", "metadata.annotations")) for path in fields.values()) or not fields:
        unread += ["podMetadata"] if labels or annotations else []
    parts = ["empty_dir_mount(size_limit)"] if any(it.get("sizeLimit") for it in config.get(_EMPTY) or ()) else []
    parts += ["set_security_context(run_as_non_root)"] if context.get("runAsNonRoot") else []
    return Settings(
        variables=tuple(_variables(config)),
        files=tuple(_files(config)),
        claims=tuple(
            Claim(_name(item, "pvcName", "constant"), _path(item), item.get("subPath") or "")
            for item in config.get("pvcMount") or ()
        ),
        scratch=tuple(
            Scratch(_text(item, "volumeName"), _path(item), in_memory=item.get("medium") == "Memory")
            for field in (_EMPTY, "genericEphemeralVolume")
            for item in config.get(field) or ()
        ),
        fields=fields,
        timeout=max(0, int(config.get("activeDeadlineSeconds") or 0)),
        labels=labels,
        annotations=annotations,
        unread=(*(_SETTERS.get(key, key) for key in unread), *parts),
        user=f"{user}:{group}" if group else user,
        raw=config,
    )


def _variables(config: Mapping[str, Json]) -> Iterator[Variables]:
    for kind, field in _kinds("AsEnv"):
        for item in config.get(field) or ():
            keys = tuple((_text(each, f"{kind}Key"), _text(each, "envVar")) for each in item.get("keyToEnv") or ())
            yield Variables(kind, _name(item, f"{kind}Name", f"{kind}Name"), keys, bool(item.get("optional")))


def _files(config: Mapping[str, Json]) -> Iterator[Files]:
    for kind, field in _kinds("AsVolume"):
        for item in config.get(field) or ():
            name = _name(item, f"{kind}Name", f"{kind}Name")
            yield Files(kind, name, _path(item), bool(item.get("optional")))


def _kinds(ending: str) -> Iterator[tuple[Kind, str]]:
    # In this order backends set them: of two variables with one name the later one wins.
    yield "secret", f"secret{ending}"
    yield "configMap", f"configMap{ending}"


def _name(item: Mapping[str, Json], field: str, old: str) -> Name:
    """Read a name from its field, or from where backends before KFP 2.4 have it."""
    given = item.get(f"{field}Parameter")
    if given is None:
        if item.get(old):
            return Name(text=_text(item, old))
        given = {key: item[key] for key in ("taskOutputParameter", "componentInputParameter") if key in item}
    source = msgspec.convert(given, InputParameterSpec)
    constant: Any = source.runtime_value.constant if source.runtime_value else None
    return Name(text=constant) if isinstance(constant, str) else Name(source=source)


def _path(item: Mapping[str, Json]) -> str:
    """Read the place in the step; the part of it that means another directory is refused."""
    path = _text(item, "mountPath")
    if not path.startswith("/") or ".." in path.split("/") or not path.strip("/"):
        raise ValueError(f"mountPath {path!r} is no absolute path of a directory")
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


def _text(item: Mapping[str, Json], field: str) -> str:
    value = item.get(field)
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"{field} is {value!r}, not a text")
    return value


def _texts(items: Mapping[str, Json]) -> dict[str, str]:
    return {str(key): str(value) for key, value in items.items()}
