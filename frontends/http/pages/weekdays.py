"""The days a schedule names, in words. Pure."""

from typing import Final

from engine.recurrence.fields import Field

MOST_DAYS: Final = 5
"""Days of the month that are named one by one."""
_WEEK: Final = 7
_LONGEST_MONTH: Final = 31
_YEAR: Final = 12
_STRETCH: Final = 3
"""Neighbours from so many on are told by the first and the last."""
_WEEKDAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def days_in_words(day: Field, month: Field, weekday: Field) -> str | None:
    """`on Mondays in June`; empty: every day. None: they cannot be said shortly.

    If day of month and day of week are both restricted, either is enough.
    """
    months = _months(month)
    by_day = not day.star and len(day.values) < _LONGEST_MONTH
    by_weekday = not weekday.star and len(weekday.values) < _WEEK
    either = not day.star and not weekday.star
    if months is None or (by_day and len(day.values) > MOST_DAYS):
        return None
    if (either and not (by_day and by_weekday)) or not (by_day or by_weekday):
        return f"every day {months}" if months else ""
    if by_day and by_weekday:
        return f"{_of_month(day, months)}, and {_of_week(weekday)}{_behind(months)}"
    if by_day:
        return _of_month(day, months)
    return _of_week(weekday) + _behind(months)


def _behind(months: str) -> str:
    return f" {months}" if months else ""


def _of_month(day: Field, months: str) -> str:
    days = sorted(day.values)
    name = months.removeprefix("in ")
    if name in _MONTHS:
        return f"on {joined([str(each) for each in days])} {name}"
    return f"on the {joined([_ordinal(each) for each in days])} of every month{_behind(months)}"


def _of_week(weekday: Field) -> str:
    days = sorted(weekday.values, key=lambda each: (each - 1) % _WEEK)
    names = [_WEEKDAYS[each] for each in days]
    places = [(each - 1) % _WEEK for each in days]
    if len(days) >= _STRETCH and places == list(range(places[0], places[-1] + 1)):
        return f"{names[0]} to {names[-1]}"
    return f"on {joined([f'{name}s' for name in names])}"


def _months(month: Field) -> str | None:
    """Empty: all."""
    values = sorted(month.values)
    if len(values) == _YEAR:
        return ""
    names = [_MONTHS[each - 1] for each in values]
    if len(values) >= _STRETCH and values == list(range(values[0], values[-1] + 1)):
        return f"from {names[0]} to {names[-1]}"
    return f"in {joined(names)}" if len(values) <= MOST_DAYS else None


def _ordinal(value: int) -> str:
    teen = 10 < value % 100 < 14
    return f"{value}{'th' if teen else _ENDINGS.get(value % 10, 'th')}"


def joined(words: list[str]) -> str:
    """`a, b and c`."""
    *front, last = words
    return f"{', '.join(front)} and {last}" if front else last
