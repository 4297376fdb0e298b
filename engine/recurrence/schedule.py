"""Cron text to instants: what fires next, and what is due now."""

import math
from typing import Final, Literal

from attrs import field, frozen

from engine.recurrence.bad_cron import BadCron
from engine.recurrence.fields import GO_SPACE, split_fields
from engine.recurrence.go_duration import parse_duration
from engine.recurrence.rules import END, Calendar, Every
from engine.recurrence.zones import load_zone

LONGEST_TEXT: Final = 200
"""Characters of a schedule, its zone prefix included."""

MOST_PREVIEWED: Final = 1000

ON_TIME: Final = 60.0
"""Seconds a tick may be late and still count as on time where missed ones are skipped."""

Missed = Literal["skip", "once"]

_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@frozen
class Due:
    """What a recurrence has to do now."""

    tick: float | None
    """Make one job for this tick; None: make none."""
    last: float
    """The last tick from now on, to be kept with the job: nothing up to it fires again."""
    next: float | None
    """When to ask again, unix seconds; None: never."""


@frozen
class Schedule:
    """A parsed schedule: a fixed set of whole seconds, hashable, without state.

    **When clocks change** (cronsim's rules, which are Debian's). A schedule of five fields whose
    minute and hour both begin with something else than `*` or `?` names times of the day: one
    that falls into the skipped hour fires once, at the first instant after the gap; one that
    falls into the doubled hour fires once, the first time. Every other schedule (`*/15 * * * *`,
    `0 */2 * * *`, `@hourly`, six fields) follows elapsed time: what would fall into the skipped
    hour is left out, and the doubled hour fires twice. `@every` knows no zone.
    """

    text: str
    """As it was given."""
    _rule: Every | Calendar = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, zone: str | None = None, seconds: bool = True) -> "Schedule":
        """Read a cron text.

        Five fields (minute, hour, day of month, month, day of week 0-6 from Sunday), six with
        the second first, `@hourly` and its like, `@every <Go duration>`; `TZ=` or `CRON_TZ=`
        with a zone may come first. If day of month and day of week are both restricted, either
        is enough. The order of checks and the error texts are those of robfig/cron v3.

        Args:
            text: At most 200 characters.
            zone: IANA name of the zone to use when the text names none; None is UTC.
            seconds: Whether six fields are allowed.

        Raises:
            BadCron: the text or the zone is no good; nothing else, whatever the text.
        """
        if max(len(text), len(zone or "")) > LONGEST_TEXT:
            raise BadCron(f"spec is longer than {LONGEST_TEXT} characters")
        if not text:
            raise BadCron("empty spec string")
        name, spec = _split_zone(text)
        place = load_zone(zone or "")
        if name not in {None, "Local"}:
            place = load_zone(name or "")
        if spec.startswith("@every "):
            return cls(text, Every.of(_period(spec)))
        if spec.startswith("@"):
            if spec not in _DESCRIPTORS:
                raise BadCron(f"unrecognized descriptor: {spec}")
            spec = _DESCRIPTORS[spec]
        fields, six = split_fields(spec, seconds=seconds)
        return cls(text, Calendar.of(fields, place, seconds=six))

    def next_after(self, when: float, since: float) -> float | None:
        """The first tick strictly later than `when`, a whole second.

        Args:
            when: Unix seconds; before 1970 counts as 1970.
            since: Unix seconds at which the recurrence was declared: the anchor of `@every`,
                whose first tick is one period after this second.

        Returns:
            None if nothing fires within 50 years, or `when` is not a date before the year 9900.
        """
        if not (when < END and abs(since) < END):  # worded so that NaN fails as well
            return None
        return self._rule.next_after(math.floor(max(when, -1.0)), math.floor(since))

    def preview(self, n: int, after: float) -> list[float]:
        """The next `n` ticks (at most 1,000), as if it were declared at `after`."""
        ticks: list[float] = []
        tick = self.next_after(after, after)
        while tick is not None and len(ticks) < min(n, MOST_PREVIEWED):
            ticks.append(tick)
            tick = self.next_after(tick, after)
        return ticks

    def due(
        self, last: float, now: float, since: float, missed: Missed, on_time: float = ON_TIME
    ) -> Due:
        """Which tick to make a job for now: at most one, and never one up to `last`.

        However many ticks have passed since `last`, only the newest can get a job; all of them
        are then behind. Nothing before `since` counts as passed. A wall clock that jumps back
        makes nothing due until it is later than `last` again.

        Args:
            last: The last tick so far; anything up to `since` if there was none.
            now: Unix seconds of the wall clock as it is corrected now.
            since: Unix seconds at which the recurrence was declared.
            missed: `once` makes one job for what was missed, however late; `skip` makes one
                only if the newest tick is at most `on_time` seconds old.
            on_time: Seconds.
        """
        behind = max(last, since)
        first = self.next_after(behind, since)
        if first is None or not first <= now:
            return Due(None, last, first)
        tick = self._newest(first, now, since)
        late = now - tick > on_time
        return Due(
            tick=None if late and missed == "skip" else tick,
            last=tick,
            next=self.next_after(now, since),
        )

    def _newest(self, tick: float, now: float, since: float) -> float:
        """The newest tick up to `now`, at least `tick`: halving, since a year may lie between."""
        empty_from = math.floor(min(now, END))  # nothing fires in (empty_from, now]
        while tick < empty_from:
            middle = (math.floor(tick) + empty_from) // 2
            later = self.next_after(middle, since)
            if later is None or later > now:
                empty_from = middle
            else:
                tick = later
        return tick


def _split_zone(text: str) -> tuple[str | None, str]:
    """The zone a text names, if it does, and what it says."""
    if not text.startswith(("TZ=", "CRON_TZ=")):
        return None, text
    prefix, space, spec = text.partition(" ")
    if not space:  # robfig panics here; its successors say this
        raise BadCron(f"invalid timezone specification: {text}")
    return prefix.partition("=")[2], spec.strip(GO_SPACE)


def _period(spec: str) -> int:
    try:
        return parse_duration(spec.removeprefix("@every "))
    except ValueError as error:
        raise BadCron(f"failed to parse duration {spec}: {error}") from None
