"""Values from the program around an engine, checked before they become commands."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine.commands.fields import Seconds
from jobyard.errors import BadArgument

LAST: Final = 253_402_300_799.0
"""Unix seconds of the end of the year 9999."""
_Instant = Annotated[float, Meta(ge=0.0, le=LAST)]


def bounded(value: object, kind: Any, what: str) -> Any:
    """The value as `kind`, which is a type with its bounds.

    Raises:
        BadArgument: it is of another type, or out of the bounds.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise BadArgument(f"{what}: {error}") from None


def duration(value: float, what: str) -> float:
    """Seconds: finite, from 0 to a hundred years."""
    found: float = bounded(value, Seconds, what)
    return found


def instant(value: datetime | float, what: str) -> float:
    """Unix seconds; a datetime says its zone.

    Raises:
        BadArgument: a datetime without a zone, or no instant from 1970 to 9999.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadArgument(f"{what}: a datetime needs its time zone")
        value = value.timestamp()
    found: float = bounded(value, _Instant, what)
    return found


def readable(text: str) -> str:
    """A text for people; what no encoding can say is shown escaped."""
    return str(text).encode("utf-8", "backslashreplace").decode()
