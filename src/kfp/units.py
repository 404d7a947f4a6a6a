"""Sizes, durations, times, digests and signals as people read them."""

from __future__ import annotations

from datetime import datetime, timezone

_STEP = 1000


def size(count: int) -> str:
    """Return a number of bytes in decimal units, as container tools print it: `512 B`, `3.4 kB`, `45.2 MB`."""
    if count < _STEP:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= _STEP
        if round(value, 1) < _STEP:
            return f"{value:.1f} {unit}"
    return f"{value / _STEP:.1f} TB"


def duration(seconds: float) -> str:
    """Return a span of time: `0.21 s`, `12.3 s`, `3 min 20 s`, `2 h 5 min`."""
    if round(seconds, 2) < 10:  # noqa: PLR2004 two digits are noise from there on
        return f"{seconds:.2f} s"
    if round(seconds, 1) < 60:  # noqa: PLR2004 a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 an hour
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def moment(when: datetime) -> str:
    """Return a moment in the local time zone, to the second."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def utc(seconds: float) -> datetime:
    """Return the moment that is so many seconds after the beginning of 1970, UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def rfc3339(when: datetime) -> str:
    """Return a moment of UTC for programs, to the millisecond: `2026-11-22T18:00:00.000Z`."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age(when: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in its largest unit: `just now`, `5 min ago`, `3 days ago`.

    Args:
        when: the moment, with its time zone.
        now: the moment to count from, by default the present.
    """
    seconds = ((now or datetime.now(timezone.utc)) - when).total_seconds()
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {'day' if (unit, count) == ('days', 1) else unit} ago"
    return "just now"


def short_digest(digest: str) -> str:
    """Return the twelve characters of a digest that people compare."""
    return digest.partition(":")[2][:12]


def signal_name(number: int) -> str:
    """Return the name of a signal, such as `SIGKILL`; `signal 40` where it has none."""
    import signal  # noqa: PLC0415 start-up time: few that measure anything tell signals

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
