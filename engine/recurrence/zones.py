"""Time zones by name, as Go's time.LoadLocation takes them."""

import re
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from engine.recurrence.bad_cron import BadCron

# cronsim is fastest when it is given this very object.
_UNIVERSAL: Final = frozenset({"", "UTC", "Etc/UTC"})
_NAME: Final = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,3}")


def load_zone(name: str) -> tzinfo:
    """The zone of an IANA name; the empty name is UTC.

    Raises:
        BadCron: no such zone, or no name of one.
    """
    if name in _UNIVERSAL:
        return UTC
    if ".." in name or name[0] in "/\\":
        raise BadCron(f"provided bad location {name}: time: invalid location name")
    if _NAME.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown, no zone file, a folder
            pass
    raise BadCron(f"provided bad location {name}: unknown time zone {name}")
