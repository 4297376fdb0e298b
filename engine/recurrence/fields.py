"""The fields of a cron text, read by the rules and with the error texts of robfig/cron v3."""

import re
from typing import Final

from attrs import frozen

from engine.recurrence.bad_cron import BadCron, quote

# What Go's unicode.IsSpace holds for space; str.split() would also split at \x1c to \x1f.
GO_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_WORD: Final = re.compile(f"[^{GO_SPACE}]+")
_DIGITS: Final = re.compile(r"[0-9]*")


@frozen
class Bounds:
    """What a field may say."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    """In lower case; the first stands for `low`."""


SECOND: Final = Bounds(0, 59)
MINUTE: Final = Bounds(0, 59)
HOUR: Final = Bounds(0, 23)
DAY: Final = Bounds(1, 31)
MONTH: Final = Bounds(
    1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
)
WEEKDAY: Final = Bounds(0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
FIELDS: Final = (SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY)


@frozen
class Field:
    """One field: the values it allows."""

    values: frozenset[int]
    star: bool
    """It says `*` or `?` without a step: a day field that does restricts nothing."""
    rolling: bool
    """It begins with `*` or `?`, so the schedule follows elapsed time when clocks change."""

    def __str__(self) -> str:
        """The same as cronsim reads it; only an unrestricted field begins with a star."""
        return "*" if self.star else ",".join(map(str, sorted(self.values)))


def split_fields(text: str, *, seconds: bool) -> tuple[list[Field], bool]:
    """Six fields, seconds first, and whether the text named the seconds; else they are 0.

    Raises:
        BadCron: with robfig's text.
    """
    words = _WORD.findall(text)
    if not (len(words) == 5 or (seconds and len(words) == 6)):
        wanted = "5 to 6" if seconds else "exactly 5"
        raise BadCron(f"expected {wanted} fields, found {len(words)}: [{' '.join(words)}]")
    named = len(words) == 6
    if not named:
        words.insert(0, "0")
    return [_field(word, bounds) for word, bounds in zip(words, FIELDS, strict=True)], named


def _field(text: str, bounds: Bounds) -> Field:
    ranges = [_range(expr, bounds) for expr in text.split(",") if expr]
    if not ranges:
        # robfig takes a field of commas alone, and the schedule then never fires.
        raise BadCron(f"no value in field: {text}")
    return Field(
        values=frozenset().union(*(values for values, _ in ranges)),
        star=any(star for _, star in ranges),
        rolling=text[0] in "*?",
    )


def _range(expr: str, bounds: Bounds) -> tuple[range, bool]:
    """`low`, `low-high` or either with `/step`, and whether it is a star without a step."""
    limits, *steps = expr.split("/")
    start, end = _limits(limits, expr, bounds)
    step = 1
    if len(steps) == 1:
        step = _number(steps[0])
        if "-" not in limits:
            end = bounds.high
    elif steps:
        raise BadCron(f"too many slashes: {expr}")
    if start < bounds.low:
        raise BadCron(f"beginning of range ({start}) below minimum ({bounds.low}): {expr}")
    if end > bounds.high:
        raise BadCron(f"end of range ({end}) above maximum ({bounds.high}): {expr}")
    if start > end:
        raise BadCron(f"beginning of range ({start}) beyond end of range ({end}): {expr}")
    if step == 0:
        raise BadCron(f"step of range should be a positive number: {expr}")
    return range(start, end + 1, step), step == 1 and limits[:1] in {"*", "?"}


def _limits(text: str, expr: str, bounds: Bounds) -> tuple[int, int]:
    """The first and the last value; not yet compared with the bounds."""
    low, *more = text.split("-")
    if low in {"*", "?"}:  # whatever follows a hyphen here is never looked at
        return bounds.low, bounds.high
    start = _number_or_name(low, bounds)
    if not more:
        return start, start
    if len(more) > 1:
        raise BadCron(f"too many hyphens: {expr}")
    return start, _number_or_name(more[0], bounds)


def _number_or_name(text: str, bounds: Bounds) -> int:
    name = text.lower()
    if name in bounds.names:
        return bounds.low + bounds.names.index(name)
    return _number(text)


def _number(text: str) -> int:
    """As Go's strconv.Atoi: a sign, ASCII digits, 64 bits."""
    unsigned = text[1:] if text[:1] in {"-", "+"} else text
    match = _DIGITS.match(unsigned)
    digits = match[0] if match else ""
    value = int(digits or "0")
    if text.startswith("-"):
        value = -value
    reason = ""
    if abs(value) >= 2**64:  # Go stops at the digit that overflows, whatever follows it
        reason = "value out of range"
    elif not digits or digits != unsigned:
        reason = "invalid syntax"
    elif not -(2**63) <= value < 2**63:
        reason = "value out of range"
    if reason:
        raise BadCron(
            f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: {reason}"
        )
    if value < 0:
        raise BadCron(f"negative number ({value}) not allowed: {text}")
    return value
