"""Durations as Go's time.ParseDuration reads them: `1h30m`, `1.5h`, `300ms`."""

import re
from typing import Final

from engine.recurrence.bad_cron import quote_bytes

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # micro sign
    "\u03bcs": 1_000,  # Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LIMIT: Final = 2**63
"""Nanoseconds: a negative duration may reach it, a positive one may not."""


def parse_duration(text: str) -> int:
    """Nanoseconds, possibly negative.

    Args:
        text: At most a few hundred characters; the caller bounds it.

    Raises:
        ValueError: with Go's text.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0
    if not rest:
        raise _invalid(text)
    total = 0
    while rest:
        nanoseconds, rest = _part(rest, text)
        total += nanoseconds
        if total > _LIMIT:
            raise _invalid(text)
    if sign > 0 and total == _LIMIT:
        raise _invalid(text)
    return sign * total


def _part(rest: str, whole: str) -> tuple[int, str]:
    """One number with its unit, in nanoseconds, and what follows it."""
    match = _PART.match(rest)
    assert match is not None  # every part of it may be empty
    before, after, name = match[1], match[2] or "", match[3]
    if not before and not after:
        raise _invalid(whole)
    if before and int(before) > _LIMIT:
        raise _invalid(whole)
    if not name:
        raise ValueError(f"time: missing unit in duration {quote_bytes(whole)}")
    if name not in _UNITS:
        raise ValueError(f"time: unknown unit {quote_bytes(name)} in duration {quote_bytes(whole)}")
    unit = _UNITS[name]
    fraction = int(after or "0") * unit // 10 ** len(after)
    return int(before or "0") * unit + fraction, rest[match.end() :]


def _invalid(text: str) -> ValueError:
    return ValueError(f"time: invalid duration {quote_bytes(text)}")
