"""What upstream made of the corpus, kept for the tests: documents as `normalise` gives them, and refusals' types.

`python -m conformance --golden` writes the files again, one for each feature. Places where a deliberate deviation is
known are left out: upstream's own words and code stay with upstream.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from conformance.deviation import Deviation, Kind
from conformance.documents import normalise
from conformance.parity import Attempt

FOLDER = Path(__file__).with_name("golden")

LARGE = 12_000
"""A document of more characters is kept as its digest."""

Json = Any


def write(attempts: dict[str, Attempt], known: tuple[Deviation, ...]) -> None:
    """Write what upstream made of every case."""
    features: dict[str, dict[str, Json]] = {}
    for name, attempt in attempts.items():
        features.setdefault(attempt.feature, {})[name] = _kept(attempt, known)
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for feature, cases in features.items():
        lines = [f"{json.dumps(name)}: {_canonical(kept)}" for name, kept in cases.items()]
        (FOLDER / f"{feature}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(document: Json) -> str:
    """Return a document's fingerprint, which is kept in the place of a large one."""
    return hashlib.sha256(_canonical(document).encode()).hexdigest()


def read() -> dict[str, Json]:
    """Return what is kept of each case: a mapping with `refused` (a type's name), `document`, `digest`, or nothing."""
    kept: dict[str, Json] = {}
    for file in sorted(FOLDER.glob("*.json")):
        kept.update(json.loads(file.read_text(encoding="utf-8")))
    return kept


def _kept(attempt: Attempt, known: tuple[Deviation, ...]) -> Json:
    if attempt.refusal:
        return {"refused": attempt.refusal["types"][0]}
    try:
        document = normalise(attempt.text())
    except yaml.YAMLError:
        return {}
    compared = common(attempt.name, document, known)
    return {"document": compared} if len(_canonical(compared)) < LARGE else {"digest": digest(compared)}


def common(name: str, document: Json, known: tuple[Deviation, ...]) -> Json:
    """Return a normalised document without the places where a case differs deliberately."""
    patterns = [
        deviation.where
        for deviation in known
        if deviation.kind is Kind.DELIBERATE and fnmatch.fnmatchcase(name, deviation.name)
    ]
    return _without(document, patterns, "")


def _without(value: Json, patterns: list[str], where: str) -> Json:
    if isinstance(value, dict):
        places = {key: f"{where}.{key}" if where else key for key in value}
        return {
            key: _without(value[key], patterns, place)
            for key, place in places.items()
            if not any(fnmatch.fnmatchcase(place, pattern) for pattern in patterns)
        }
    if isinstance(value, list):
        return [_without(item, patterns, f"{where}.{position}") for position, item in enumerate(value)]
    return value
