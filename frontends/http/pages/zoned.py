"""Times on the clocks of a zone, for people. Pure."""

from datetime import UTC, datetime

from attrs import frozen

from engine.recurrence import BadCron
from engine.recurrence.zones import load_zone


@frozen
class Moment:
    """One time, twice."""

    at: float
    there: str
    """On the clocks of the zone."""
    utc: str
    """Empty: the zone is UTC."""


def moment(at: float, zone: str) -> Moment:
    """A time as the zone's clocks show it, and in UTC.

    Args:
        at: unix seconds before the year 9900.
        zone: an IANA name; empty, or one that is not known here: UTC.
    """
    try:
        place = load_zone(zone)
    except BadCron:
        place = UTC
    when = datetime.fromtimestamp(at, UTC)
    there = f"{when.astimezone(place):%a %d %b %Y %H:%M:%S %Z}"
    return Moment(at, there, "" if place is UTC else f"{when:%d %b %H:%M:%S} UTC")
