"""What happened in the last hour or day, as the lines of two charts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from engine.history import FINE, PER_COARSE, History, Point, Tally, Track

HOUR: Final = "hour"
DAY: Final = "day"
LATELY: Final = 3 * FINE
"""Seconds after which the last sample is no rate of now."""


@frozen
class Line:
    """One line of a chart."""

    label: str
    tone: str
    """The state whose colour it has."""
    values: tuple[float, ...]
    unit: str = ""


@frozen
class Chart:
    """Lines over the same times."""

    times: tuple[float, ...]
    """Unix seconds, rising."""
    lines: tuple[Line, ...]

    def plain(self) -> Mapping[str, Any]:
        """What the script that draws it reads."""
        return {
            "series": [
                {"label": line.label, "tone": line.tone, "unit": line.unit} for line in self.lines
            ],
            "values": [self.times, *(line.values for line in self.lines)],
        }


def rates(points: Sequence[Point], span: str) -> Chart:
    """Jobs a second: that came in, that ended, and of those the failed."""
    seconds = FINE * (PER_COARSE if span == DAY else 1)
    return Chart(
        tuple(point.at for point in points),
        (
            _line("published", "ready", (p.did.published / seconds for p in points), " /s"),
            _line("finished", "done", (p.did.finished / seconds for p in points), " /s"),
            _line("failed", "failed", (p.did.failed / seconds for p in points), " /s"),
        ),
    )


def backlog(points: Sequence[Point]) -> Chart:
    """Jobs that wait or are being worked on."""
    return Chart(
        tuple(point.at for point in points),
        (_line("waiting", "scheduled", (point.did.backlog for point in points)),),
    )


def samples(history: History, group: str | None, span: str, now: float) -> list[Point]:
    """The samples of a span of time, oldest first.

    Args:
        history: of the server, which has those of the busiest groups.
        group: whose; None: of all together.
        span: HOUR or DAY.
        now: unix seconds.
    """
    track = history.totals if group is None else history.groups.get(group, Track())
    return track.day(now) if span == DAY else track.hour(now)


def lately(history: History, group: str | None, now: float) -> tuple[float, float]:
    """Jobs a second that came in and that ended, in the last sample; nothing if that is old."""
    track = history.totals if group is None else history.groups.get(group)
    last = (track or history.totals).fine[-1:]
    if not last or now - last[0].at > LATELY:
        return 0.0, 0.0
    did = last[0].did
    if track is None:  # a group that is not among the busiest
        own = (each for (owner, _), each in history.latest.items() if owner == group)
        did = sum(own, Tally())
    return did.published / FINE, did.finished / FINE


def _line(label: str, tone: str, values: Iterable[float], unit: str = "") -> Line:
    return Line(label, tone, tuple(round(value, 3) for value in values), unit)
