"""How old a job is, as the search box says it: `>1h`, `<30m`, `5m..2h`."""

import re
from typing import Final

from attrs import frozen

from engine.commands.fields import SECONDS_MAX

_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_ONE: Final = re.compile(r"([0-9]{1,10})([wdhms])")
_DURATION: Final = re.compile(r"(?:[0-9]{1,10}[wdhms]){1,5}")


@frozen
class Age:
    """Bounds in whole seconds since a job was published."""

    least: int | None = None
    """So old or older."""
    most: int | None = None
    """Younger than that."""


AGES: Final = Age()
"""Any."""


def age_from(text: str) -> Age | None:
    """None: it says no age."""
    if text.startswith((">", "<")):
        seconds = _seconds(text[1:])
        if seconds is None:
            return None
        return Age(least=seconds) if text[0] == ">" else Age(most=seconds)
    young, dots, old = text.partition("..")
    least, most = _seconds(young), _seconds(old)
    if not dots or least is None or most is None or least >= most:
        return None
    return Age(least, most)


def age_text(age: Age) -> str:
    """As it is typed; empty for any."""
    if age.least is None:
        return "" if age.most is None else f"<{_words(age.most)}"
    return (
        f">{_words(age.least)}" if age.most is None else f"{_words(age.least)}..{_words(age.most)}"
    )


def _seconds(text: str) -> int | None:
    if not _DURATION.fullmatch(text):
        return None
    found = sum(int(number) * _UNITS[unit] for number, unit in _ONE.findall(text))
    return found if found <= SECONDS_MAX else None


def _words(seconds: int) -> str:
    """In the largest unit that needs no second one."""
    unit, size = next((u, s) for u, s in _UNITS.items() if not seconds % s)
    return f"{seconds // size}{unit}" if seconds else "0s"
