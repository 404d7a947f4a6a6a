"""What `make conformance` prints."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.deviation import Deviation, Kind
from conformance.parity import Result


def table(title: str, results: list[Result]) -> str:
    """Return a line for each feature: how many are equal, differ as expected, differ."""
    features = list(dict.fromkeys(result.feature for result in results))
    width = max((len(feature) for feature in features), default=0)
    lines = [title, f"  {'':{width}}  equal  deliberate  private  not yet  DIFFERS"]
    for feature in [*features, ""]:
        chosen = [result for result in results if feature in {"", result.feature}]
        counts = [sum(state(result) == name for result in chosen) for name in _STATES]
        equal, deliberate, private, not_yet, different = counts
        lines.append(
            f"  {feature or 'all':{width}}  {equal:5}  {deliberate:10}  {private:7}  {not_yet:7}  {different:7}"
        )
    return "\n".join(lines)


_STATES = ("equal", Kind.DELIBERATE.value, Kind.PRIVATE.value, Kind.NOT_YET.value, "differs")


def state(result: Result) -> str:
    """Return what became of a case, in one word or two."""
    if result.unexpected:
        return "differs"
    kinds = {deviation.kind for deviation in result.expected}
    for kind in (Kind.NOT_YET, Kind.PRIVATE, Kind.DELIBERATE):
        if kind in kinds:
            return str(kind.value)
    return "equal"


def failures(results: Iterable[Result]) -> str:
    """Return each unexpected difference, readable."""
    return "\n".join("\n".join([f"  {result.name}", *result.unexpected]) for result in results if result.unexpected)


def unused(known: Iterable[Deviation], results: Iterable[Result]) -> list[Deviation]:
    """Return the deviations that nothing needs any more."""
    used = {deviation for result in results for deviation in result.expected}
    return [deviation for deviation in known if deviation not in used]
