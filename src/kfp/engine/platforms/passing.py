"""What a task says for Kubernetes, as pods have it, for a component that applies it itself.

A component with `ComponentSpec.task_config_passthroughs` is told such settings in a `dsl.TaskConfig`, and its own step
goes without them, unless they are to be applied to it, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from kfp.engine.flow.inputs import MISSING
from kfp.engine.flow.task_config import TASK_CONFIG
from kfp.engine.flow.values import Values
from kfp.engine.platforms.binding import chosen_value
from kfp.errors import RunError
from kfp.ir.spec import InputParameterSpec, Json

if TYPE_CHECKING:
    from kfp.engine.planning.plan import Task
    from kfp.engine.platforms.reading import Settings

_VARIABLES, _VOLUMES = "ENV", "KUBERNETES_VOLUMES"
_SETTERS = {
    "KUBERNETES_TOLERATIONS": "add_toleration",
    "KUBERNETES_NODE_SELECTOR": "add_node_selector",
    "KUBERNETES_AFFINITY": "add_node_affinity",
    _VOLUMES: "empty_dir_mount(size_limit)",
}
_JSON = {"nodeSelector": "nodeSelectorJson", "nodeAffinity": "nodeAffinityJson", "tolerations": "tolerationJson"}


def own_settings(task: Task, settings: Settings) -> Settings:
    """Return what holds for a task's own step: its settings without those that only its component is told."""
    away = {each.field for each in task.component.task_config_passthroughs if not each.apply_to_task}
    if _VARIABLES in away:
        settings = replace(settings, variables=(), fields={})
    if _VOLUMES in away:
        settings = replace(settings, files=(), claims=(), scratch=())
    told = {_SETTERS[field] for field in away if field in _SETTERS}
    return replace(settings, unread=tuple(each for each in settings.unread if each not in told))


def with_settings(
    task: Task, inputs: Values, settings: Settings, around: Values, by_task: Mapping[str, Values]
) -> Values:
    """Return a task's inputs, its settings for Kubernetes in those of the type TASK_CONFIG.

    Args:
        task: the task.
        inputs: its inputs, with what it says otherwise in those of that type.
        settings: what it says for Kubernetes, with every name known.
        around: the inputs of the DAG that the task belongs to.
        by_task: the outputs of that DAG's tasks that have succeeded.

    Raises:
        RunError: a setting is malformed; a parameter that one comes from has no value, or one of another type.
    """
    source = _Source(task, settings.raw, around, by_task)
    told: dict[str, Any] = {}
    try:
        for each in task.component.task_config_passthroughs:
            told.update(_told(each.field, settings, source))
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise RunError(f"task {task.name!r}: its settings for Kubernetes are malformed: {error}") from None
    kinds = task.component.input_definitions.parameters
    parameters = {
        name: _joined(value, told) if name in kinds and kinds[name].parameter_type == TASK_CONFIG else value
        for name, value in inputs.parameters.items()
    }
    return Values(parameters, inputs.artifacts)


class _Source(msgspec.Struct, frozen=True):
    """Where the settings of a task come from that say where a pod runs."""

    task: Task
    raw: Mapping[str, Json]
    around: Values
    by_task: Mapping[str, Values]

    def entries(self, key: str) -> Iterator[Any]:
        """Yield the entries of a setting, those that come as JSON with the values of their parameters."""
        given: Any = self.raw.get(key) or ()
        for entry in given if isinstance(given, (list, tuple)) else (given,):
            value = self.value(key, entry[_JSON[key]]) if _JSON[key] in entry else entry
            yield from value if isinstance(value, list) else (value,)

    def value(self, key: str, source: Json) -> Any:  # noqa: ANN401 - JSON
        """Return the value of a parameter, which is what Kubernetes has for a setting."""
        value = chosen_value(self.task.name, msgspec.convert(source, InputParameterSpec), self.around, self.by_task)
        each = value if isinstance(value, list) and key == "tolerations" else [value]
        if value is MISSING or not all(isinstance(it, dict) for it in each):
            said = "nothing" if value is MISSING else msgspec.json.encode(value).decode()
            raise RunError(f"task {self.task.name!r}: its {key} is {said}, not what Kubernetes has there")
        return value


def _told(field: str, settings: Settings, source: _Source) -> dict[str, Any]:
    """Return what one field of the settings is in the component's input; nothing where it is empty."""
    told: dict[str, Any] = {}
    if field == _VARIABLES:
        told = {"env": list(_variables(settings))}
    elif field == _VOLUMES:
        mounted = list(_volumes(settings))
        volumes = {volume["name"]: volume for volume, _ in mounted}
        told = {"volumes": list(volumes.values()), "volumeMounts": [mount for _, mount in mounted]}
    elif field == "KUBERNETES_TOLERATIONS":
        told = {"tolerations": [_toleration(each) for each in source.entries("tolerations")]}
    elif field == "KUBERNETES_NODE_SELECTOR":
        entries = list(source.entries("nodeSelector"))
        labels = [each["labels"] if isinstance(each.get("labels"), dict) else each for each in entries]
        told = {"nodeSelector": {label: value for each in labels for label, value in each.items()}}
    elif field == "KUBERNETES_AFFINITY":
        told = {"affinity": _affinity(list(source.entries("nodeAffinity")))}
    return {name: value for name, value in told.items() if value}


def _joined(config: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Add to what a component is told; variables come after those that were there."""
    more = {**told, "env": [*config.get("env", ()), *told["env"]]} if "env" in told else told
    return {**config, **more}


def _variables(settings: Settings) -> Iterator[Json]:
    for each in settings.variables:
        for key, name in each.keys:
            source = {"name": each.name.text, "key": key, "optional": each.optional}
            yield {"name": name, "valueFrom": {f"{each.kind}KeyRef": source}}
    for name, path in settings.fields.items():
        yield {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _volumes(settings: Settings) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield volumes with where they are mounted; as on backends they have the names of what is in them."""
    for claim in settings.claims:
        volume = {"name": claim.name.text, "persistentVolumeClaim": {"claimName": claim.name.text}}
        mount = {"name": claim.name.text, "mountPath": claim.path}
        yield volume, mount | ({"subPath": claim.sub_path} if claim.sub_path else {})
    for each in settings.files:
        source = {"secretName" if each.kind == "secret" else "name": each.name.text, "optional": each.optional}
        yield {"name": each.name.text, each.kind: source}, {"name": each.name.text, "mountPath": each.path}
    empty, claimed = settings.raw.get("emptyDirMounts") or (), settings.raw.get("genericEphemeralVolume") or ()
    kinds = [{"emptyDir": _only(item, "medium", "sizeLimit")} for item in empty]
    kinds += [{"ephemeral": {"volumeClaimTemplate": _claim_template(item)}} for item in claimed]
    for place, kind in zip(settings.scratch, kinds, strict=True):
        yield {"name": place.name, **kind}, {"name": place.name, "mountPath": place.path}


def _claim_template(item: Mapping[str, Any]) -> dict[str, Any]:
    spec = _only(item, "accessModes", "storageClassName")
    if item.get("size"):
        spec["resources"] = {"requests": {"storage": item["size"]}}
    return {"metadata": _only(item.get("metadata") or {}, "labels", "annotations"), "spec": spec}


def _toleration(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a toleration; protobuf writes its 64-bit integer as text."""
    seconds = entry.get("tolerationSeconds")
    return {**entry, "tolerationSeconds": int(seconds)} if isinstance(seconds, str) else dict(entry)


def _affinity(entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    required, preferred, whole = list[Json](), list[Json](), dict[str, Any]()
    for entry in entries:
        term = _only(entry, "matchExpressions", "matchFields")
        if entry.get("weight"):
            preferred.append({"weight": int(entry["weight"]), "preference": term})
        elif term:
            required.append(term)
        else:
            whole.update(entry)
    if required:
        whole["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": required}
    if preferred:
        whole["preferredDuringSchedulingIgnoredDuringExecution"] = preferred
    return {"nodeAffinity": whole} if whole else {}


def _only(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: item[name] for name in names if item.get(name)}
