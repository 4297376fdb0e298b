"""Schedules in words. Pure: what is told is read from the values of the fields, not their spelling.

What cannot be said in one short sentence is not guessed at: then the text itself is named.
"""

from typing import Final

from attrs import frozen

from engine.recurrence import BadCron
from engine.recurrence.fields import GO_SPACE, Field, split_fields
from engine.recurrence.go_duration import parse_duration
from frontends.http.pages.weekdays import days_in_words, joined
from frontends.http.pages.words import number

MOST_TIMES: Final = 4
"""Times of the day that are named one by one."""
_MINUTES: Final = 60
_HOURS: Final = 24
_DESCRIBED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@frozen
class Told:
    """A schedule for people."""

    words: str
    zone: str
    """Whose clock counts; empty: none does, since it counts from when it was declared."""


def told(text: str, zone: str | None = None) -> Told:
    """When a schedule fires, in words.

    Args:
        text: of a recurrence.
        zone: the one it was declared with; a zone that the text names counts before it.
    """
    named, spec = _without_zone(text)
    place = named if named not in {None, "Local"} else zone
    try:
        if spec.startswith("@every "):
            return Told(_every(spec), "")
        words = _in_words(split_fields(_DESCRIBED.get(spec, spec), seconds=True)[0])
    except (BadCron, ValueError):
        words = None
    return Told(words or f"at the times of “{spec}”", place or "UTC")


def _without_zone(text: str) -> tuple[str | None, str]:
    if not text.startswith(("TZ=", "CRON_TZ=")):
        return None, text
    prefix, space, spec = text.partition(" ")
    if not space:
        return None, text
    return prefix.partition("=")[2], spec.strip(GO_SPACE)


def _every(spec: str) -> str:
    seconds = max(1, parse_duration(spec.removeprefix("@every ")) // 10**9)
    for size, name in _UNITS:
        if not seconds % size:
            return _each(seconds // size, name)
    raise AssertionError


def _each(count: int, name: str) -> str:
    return f"every {name}" if count == 1 else f"every {number(count)} {name}s"


def _in_words(fields: list[Field]) -> str | None:
    second, minute, hour, day, month, weekday = fields
    time = _time(second.values, minute.values, hour.values)
    days = days_in_words(day, month, weekday)
    if time is None or days is None:
        return None
    if not days:
        return f"every day {time}" if time.startswith("at ") else time
    link = " " if time.startswith("at ") and days.startswith("on ") else ", "
    return time + link + days


def _time(seconds: frozenset[int], minutes: frozenset[int], hours: frozenset[int]) -> str | None:
    """Within a day that is fit; `at` begins what happens a few times in it."""
    if len(seconds) != 1:
        step = _step(seconds, _MINUTES)
        whole = len(minutes) == _MINUTES and len(hours) == _HOURS
        return _each(step, "second") if step and whole else None
    (second,) = seconds
    if len(minutes) * len(hours) <= MOST_TIMES:
        return "at " + joined(
            [_clock(h, m, second) for h in sorted(hours) for m in sorted(minutes)]
        )
    behind = f", at second {second}" if second else ""
    during = _during(hours)
    if (step := _step(minutes, _MINUTES)) and step < _MINUTES and during is not None:
        return _each(step, "minute") + during + behind
    if len(minutes) > MOST_TIMES:
        return None
    if behind:
        return None
    if step := _step(hours, _HOURS):
        return _each(step, "hour") + _past(minutes)
    return None if during is None else f"every hour{during}{_past(minutes)}"


def _past(minutes: frozenset[int]) -> str:
    if minutes == {0}:
        return ", on the hour"
    noun = "minute" if len(minutes) == 1 else "minutes"
    return f", at {noun} {joined([str(each) for each in sorted(minutes)])}"


def _step(values: frozenset[int], size: int) -> int | None:
    """Every how many of `size` they come, if the distance is the same over the end too."""
    if size % len(values):
        return None
    step = size // len(values)
    return step if values == frozenset(range(0, size, step)) else None


def _during(hours: frozenset[int]) -> str | None:
    """The hours of the day, if they are one stretch."""
    if len(hours) == _HOURS:
        return ""
    first, last = min(hours), max(hours)
    if len(hours) != last - first + 1:
        return None
    return f" from {first:02}:00 to {last:02}:59"


def _clock(hour: int, minute: int, second: int) -> str:
    return f"{hour:02}:{minute:02}:{second:02}" if second else f"{hour:02}:{minute:02}"
