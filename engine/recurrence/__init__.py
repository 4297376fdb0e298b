"""Recurrences, as arithmetic: cron text -> the next time, and what is due now.

Nothing here reads a clock. The one thing that is not in the arguments is the zone database,
read when a schedule is parsed.
"""

from engine.recurrence.bad_cron import BadCron
from engine.recurrence.schedule import (
    LONGEST_TEXT,
    MOST_PREVIEWED,
    ON_TIME,
    Due,
    Missed,
    Schedule,
)

__all__ = ["LONGEST_TEXT", "MOST_PREVIEWED", "ON_TIME", "BadCron", "Due", "Missed", "Schedule"]
