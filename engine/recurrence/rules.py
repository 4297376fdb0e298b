"""When a schedule fires: by the calendar of a zone, or by elapsed time.

Both rules describe a fixed set of whole seconds, and `next_after` walks that set.
"""

import math
from copy import copy
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, Self

from attrs import frozen
from cronsim import CronSim, CronSimError

from engine.recurrence.fields import Field

END: Final = datetime(9900, 1, 1, tzinfo=UTC).timestamp()
"""Nothing fires later: a search of 50 years from here still fits the calendar."""

_PATTERNS: Final = 1024


@frozen
class Every:
    """A fixed number of seconds after the anchor, again and again."""

    period: int
    """Seconds, at least 1."""

    @classmethod
    def of(cls, nanoseconds: int) -> Self:
        """As robfig/cron: fractions of a second are dropped, less than one becomes one."""
        return cls(max(1, nanoseconds // 10**9))

    def next_after(self, when: int, since: int) -> float | None:
        """The first multiple of the period after `since` that is later than `when`."""
        rounds = max(0, (when - since) // self.period) + 1
        return float(since + rounds * self.period)


@frozen
class Calendar:
    """The seconds whose wall clock reading in `zone` fits the fields.

    Where clocks move by half an hour (Lord Howe Island), ticks of that one day can be left out;
    where they move at midnight, the first tick of that day can be the first instant after it.
    """

    fields: str
    """As cronsim reads them; five fields choose its rule for fixed times of the day."""
    zone: tzinfo

    @classmethod
    def of(cls, fields: list[Field], zone: tzinfo, *, seconds: bool) -> Self:
        """The rule of six fields; `seconds`: the text named the seconds itself."""
        _, minute, hour, *_ = fields
        fixed = not seconds and not minute.rolling and not hour.rolling
        return cls(" ".join(map(str, fields[1:] if fixed else fields)), zone)

    def next_after(self, when: int, since: int) -> float | None:
        """The first fitting second later than `when`, or None if 50 years have none."""
        del since
        pattern = _pattern(self.fields, self.zone)
        if pattern is None:
            return None
        walk = copy(pattern)
        start = datetime.fromtimestamp(when, self.zone)
        walk.dt = start if walk.fixup_tz is None else start.replace(tzinfo=None)
        for moment in walk:
            # In an hour that comes twice a fixed time stands for the first one, now past.
            if (tick := moment.timestamp()) > when:
                return float(math.floor(tick))
        return None


@lru_cache(maxsize=_PATTERNS)
def _pattern(fields: str, zone: tzinfo) -> CronSim | None:
    """Reading the fields costs more than a step, and what was read takes up to 15 KB."""
    try:
        return CronSim(fields, datetime.fromtimestamp(0, zone))
    except CronSimError:  # cronsim refuses days no month has, such as 30 February
        return None
