"""The bounded kinds of value that commands are made of, each stated once."""

import unicodedata
from functools import lru_cache
from typing import Annotated, Final

from msgspec import Meta

NAME_MAX: Final = 200
"""Characters of a queue, group, type or principal name."""
KEY_MAX: Final = 200
LIMIT_MAX: Final = 1_000
"""Jobs in one bulk command, page or reserve."""
PRIORITY_BOUND: Final = 2**53 - 1
SECONDS_MAX: Final = 100 * 366 * 86_400.0
"""A hundred years: the longest duration any field takes."""

Name = Annotated[str, Meta(title="name", min_length=1, max_length=NAME_MAX)]
TypeName = Annotated[str, Meta(title="name or nothing", max_length=NAME_MAX)]
JobId = Annotated[str, Meta(min_length=1, max_length=64)]
ReservationId = Annotated[str, Meta(min_length=3, max_length=64)]
Key = Annotated[str, Meta(max_length=KEY_MAX)]
CronText = Annotated[str, Meta(max_length=200)]
Zone = Annotated[str, Meta(max_length=64)]
ContentType = Annotated[str, Meta(max_length=100)]
Priority = Annotated[int, Meta(ge=-PRIORITY_BOUND, le=PRIORITY_BOUND)]
Seconds = Annotated[float, Meta(ge=0.0, le=SECONDS_MAX)]
Instant = Annotated[float, Meta(ge=0.0, le=253_402_300_799.0)]
"""Unix seconds, up to the end of the year 9999."""
Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Types = Annotated[tuple[TypeName, ...], Meta(max_length=100)]


@lru_cache(maxsize=4096)
def is_name(text: str) -> bool:
    """Whether `text` can name a queue, group or type.

    That is 1 to 200 characters, none of them a control character or a lone surrogate.
    """
    return 0 < len(text) <= NAME_MAX and not any(
        unicodedata.category(c) in {"Cc", "Cs"} for c in text
    )
