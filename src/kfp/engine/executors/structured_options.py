"""Options of docker-py whose values have an inner form: mounts, ports, logging, health, rates of devices."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.ir.spec import Json

_HEALTH = {"interval": "ns", "timeout": "ns", "start_period": "ns", "retries": ""}


def _mounts(name: str, value: Json) -> list[str]:
    """Translate `docker.types.Mount`, a mapping with the API's names, or the text that `docker run --mount` takes."""
    return [word for each in _list(name, value) for word in ("--mount", _mount(each))]


def _mount(value: Json) -> str:
    if isinstance(value, str):
        return value
    said = _mapping("mounts", value)
    target = said.pop("target", None)
    if target is None:
        raise RunError(
            f"a mount takes a mapping such as {{'Type': 'bind', 'Source': '/a', 'Target': '/b'}}, not {value!r}"
        )
    parts = [f"type={said.pop('type', None) or 'volume'}"]
    source = said.pop("source", None)
    parts += [f"source={source}"] if source else []
    parts += [f"target={target}"]
    parts += ["readonly"] if said.pop("readonly", False) else []
    for inner, names in _INNER.items():
        options = {key.lower(): item for key, item in (said.pop(inner, None) or {}).items()}
        parts += [f"{names[key]}={item}" for key, item in options.items() if key in names]
        left = options.keys() - names.keys()
        if left:
            raise RunError(f"a mount's {inner} knows no {', '.join(sorted(left))}")
    left = {key for key, item in said.items() if item and key != "consistency"}
    if left:
        raise RunError(f"a mount knows no {', '.join(sorted(left))}")
    return ",".join(parts)


_INNER = {
    "bindoptions": {"propagation": "bind-propagation"},
    "tmpfsoptions": {"sizebytes": "tmpfs-size", "mode": "tmpfs-mode"},
    "volumeoptions": {"nocopy": "volume-nocopy"},
}


def _ports(name: str, value: Json) -> list[str]:
    """Translate ports of the container to the machine's: a number, None for any, (address, number), or a list."""
    words = []
    for inside, outside in _mapping(name, value, lower=False).items():
        several = outside if isinstance(outside, list) else [outside]
        for each in several:
            if each is None:
                told = str(inside)
            elif isinstance(each, (tuple, list)):
                told = ":".join([*map(str, each), str(inside)]) if len(each) > 1 else f"{each[0]}::{inside}"
            else:
                told = f"{each}:{inside}"
            words += ["--publish", told]
    return words


def _log_config(name: str, value: Json) -> list[str]:
    said = _mapping(name, value)
    words = ["--log-driver", str(said["type"])] if said.get("type") else []
    for key, item in (said.get("config") or {}).items():
        words += ["--log-opt", f"{key}={item}"]
    return words


def _healthcheck(name: str, value: Json) -> list[str]:
    said = _mapping(name, value)
    test = said.pop("test", None)
    words: list[str] = []
    if isinstance(test, str):
        words += ["--health-cmd", test]
    elif test:
        kind, *rest = map(str, test)
        if kind == "NONE":
            return ["--no-healthcheck"]
        words += ["--health-cmd", rest[0] if kind == "CMD-SHELL" else shlex.join(rest)]
    for key, item in said.items():
        plain = key.replace("startperiod", "start_period")
        if plain not in _HEALTH:
            raise RunError(f"a health check knows no {key!r}", hint=f"there is test, {', '.join(_HEALTH)}")
        if item:
            words += [f"--health-{plain.replace('_', '-')}", f"{item}{_HEALTH[plain]}"]
    return words


def _weights(name: str, value: Json) -> list[str]:
    return [
        word
        for said in (_mapping(name, each) for each in _list(name, value))
        for word in ("--blkio-weight-device", f"{said['path']}:{said['weight']}")
    ]


def _rates(flag: str) -> Callable[[str, Json], list[str]]:
    def read(name: str, value: Json) -> list[str]:
        found = [_mapping(name, each) for each in _list(name, value)]
        if any("path" not in said or "rate" not in said for said in found):
            raise RunError(f"the container option {name!r} takes mappings such as {{'Path': '/dev/sda', 'Rate': 1000}}")
        return [word for said in found for word in (flag, f"{said['path']}:{said['rate']}")]

    return read


def _list(name: str, value: Json) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise RunError(f"the container option {name!r} takes a list, not {value!r}")
    return list(value)


def _mapping(name: str, value: Json, *, lower: bool = True) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise RunError(f"the container option {name!r} takes a mapping, not {value!r}")
    return dict(_lowered(value)) if lower else dict(value)


def _lowered(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        yield str(key).lower().replace("read_only", "readonly"), item


STRUCTURED: dict[str, Callable[[str, Json], list[str]]] = {
    "mounts": _mounts,
    "ports": _ports,
    "log_config": _log_config,
    "healthcheck": _healthcheck,
    "blkio_weight_device": _weights,
    "device_read_bps": _rates("--device-read-bps"),
    "device_read_iops": _rates("--device-read-iops"),
    "device_write_bps": _rates("--device-write-bps"),
    "device_write_iops": _rates("--device-write-iops"),
}
