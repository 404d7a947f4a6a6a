"""The question to the cache: did this step run before? And what it keeps for those who ask later."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from kfp.engine.caching.artifacts import ArtifactContents
from kfp.engine.caching.cache import StepCache
from kfp.engine.caching.contents import NOTHING, Content, Interrupted
from kfp.engine.caching.entry import Entry, Part, key_of
from kfp.engine.caching.explaining import NEVER, explain, nearest
from kfp.engine.caching.parts import component_of, parts_of
from kfp.engine.caching.surroundings import Surroundings
from kfp.engine.flow.values import Values
from kfp.engine.outputs import read_outputs
from kfp.engine.step import StepEnd
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from kfp.engine.caching.contents import Watch
    from kfp.engine.executors.images import Images
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Origin, Step

_MAX_OUTPUTS = 16 << 20
"""Bytes of output parameters that an entry may have: who makes more has an artifact."""


class Answer(msgspec.Struct, frozen=True):
    """What the cache has for a step.

    Args:
        told: that in words, as `TaskRecord.cache`.
        parts: what went into the step; none where it is not to be kept.
        key: says the same.
        end: how the step ends where it need not run.
    """

    told: Mapping[str, Any]
    parts: tuple[Part, ...] = ()
    key: str = ""
    end: StepEnd | None = None


class Asker:
    """Asks the cache for the steps of one run; any thread may use it.

    Args:
        settings: of the run.
        images: where images are looked up.
    """

    def __init__(self, settings: RunSettings, images: Images) -> None:
        self._cache = StepCache(settings.cache_root or settings.home / "cache" / "steps")
        self._contents = ArtifactContents(self._cache)
        self._surroundings = Surroundings(settings, images, self._cache)

    def close(self) -> None:
        """Write what is left to be written."""
        self._cache.close()

    def ask(self, step: Step, origin: Origin, watch: Watch) -> Answer:
        """Look a step up.

        Args:
            step: the step.
            origin: what it comes from.
            watch: who waits for it.
        """
        try:
            contents = self._contents.of(origin.inputs, watch)
            parts = parts_of(origin, step.python, contents, self._surroundings.of(step, watch))
            key = key_of(parts)
            entry = self._cache.get(key)
            lack = _lack(entry, self._contents.of(entry.outputs, watch)) if entry is not None else None
            if entry is not None and lack is None:
                return self._hit(step, origin, entry)
            reason = lack or self._why(step, origin, parts)
        except Interrupted:
            return Answer({}, end=StepEnd(canceled=True))
        except (SkiffError, OSError) as error:
            return Answer({"state": "off", "reason": f"the step cannot be looked up: {_line(error)}"})
        return Answer({"state": "miss", "reason": reason, "key": key}, parts, key)

    def keep(self, step: Step, origin: Origin, answer: Answer, end: StepEnd, watch: Watch) -> StepEnd:
        """Return the end of a step that ended well, with its outputs, which are kept once that is settled.

        Args:
            step: the step.
            origin: what it comes from.
            answer: what the cache had for it.
            end: how it ended.
            watch: who waits for it.
        """
        values, notices = end.values, end.notices
        if values is None:
            try:
                values, told = read_outputs(origin.task.component, step.paths, end.seen)
            except SkiffError as error:
                return replace(end, error=str(error))
            notices = (*notices, *told)
        end = replace(end, values=values, notices=notices)
        try:
            entry = self._entry(step, origin, answer, end, watch)
        except Interrupted:
            return end
        except (SkiffError, OSError) as error:
            return replace(end, notices=(*notices, f"its outputs are not cached: {_line(error)}"))
        return replace(end, notices=(*notices, *self._trouble()), settled=lambda: self._cache.put(entry))

    def _entry(self, step: Step, origin: Origin, answer: Answer, end: StepEnd, watch: Watch) -> Entry:
        """Return what is kept of a step that has ended just now, with its outputs."""
        values = end.values or Values()
        if len(str(values.parameters)) > _MAX_OUTPUTS:
            raise RunError(f"its parameters are larger than {_MAX_OUTPUTS >> 20} MiB; use an artifact")
        now = time.time()
        return Entry(
            key=answer.key,
            pipeline=origin.pipeline,
            task=step.task,
            component=component_of(answer.parts),
            run_id=step.run_id,
            created_at=now,
            parts=answer.parts,
            outputs=values,
            contents=self._contents.of(values, watch),
            notices=end.notices,
            used_at=now,
        )

    def _hit(self, step: Step, origin: Origin, entry: Entry) -> Answer:
        reason = f"run {entry.run_id[:8]}"
        reason += f", task {entry.task!r}" if entry.task != step.task else ""
        reason += f" of pipeline {entry.pipeline!r}" if entry.pipeline != origin.pipeline else ""
        with contextlib.suppress(OSError):
            step.paths.log.write_text(f"outputs from the cache: {reason}\n", encoding="utf-8")
        with contextlib.suppress(OSError):
            step.paths.artifacts.rmdir()
        told = {"state": "hit", "reason": reason, "key": entry.key, "run": entry.run_id}
        end = StepEnd(
            values=entry.outputs, notices=entry.notices, cache=told, settled=lambda: self._cache.use(entry.key)
        )
        return Answer(told, key=entry.key, end=end)

    def _why(self, step: Step, origin: Origin, parts: tuple[Part, ...]) -> str:
        others = self._cache.neighbours(origin.pipeline, step.task, component_of(parts))
        before = nearest(parts, others)
        return NEVER if before is None else explain(before, parts)

    def _trouble(self) -> tuple[str, ...]:
        failure = self._cache.failure()
        return (f"its outputs may not be cached: {failure}",) if failure is not None else ()


def _lack(entry: Entry, found: Mapping[str, tuple[Content, ...]]) -> str | None:
    """Tell which of an entry's artifacts is no longer what the step wrote, None where all are."""
    for name, group in found.items():
        for before, now in zip(entry.contents[name], group, strict=True):
            if before != now:
                how = "is gone" if now == NOTHING else "was changed since"
                return f"output artifact {name!r} of run {entry.run_id[:8]} {how}"
    return None


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]
