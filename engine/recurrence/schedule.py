"""Cron text to instants: what fires next, and what is due now."""

import math
from itertools import pairwise
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
