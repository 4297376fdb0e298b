"""Values in words for people: times, sizes, numbers, and text that hides nothing. Pure."""

import math
from datetime import UTC, datetime
from typing import Final

_STEPS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))
_SIZES: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")
_KILO: Final = 1024
_NEVER: Final = "never"
_DASH: Final = "\u2013"
_SPOKEN: Final = frozenset("\n\t")
_SYMBOLS: Final = 0x2400
_DELETE: Final = 0x7F
_TURNING: Final = (
    *range(0x80, 0xA0), 0xAD, 0x061C, 0x115F, 0x1160, 0x180E, 0x200B, 0x200E, 0x200F,
    *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)  # fmt: skip
"""Characters that cannot be seen, or turn the direction of what follows."""
_SHOWN: Final = (
    {code: chr(_SYMBOLS + code) for code in range(32) if chr(code) not in _SPOKEN}
    | {_DELETE: "\u2421"}
    | {code: f"\\u{code:04x}" for code in _TURNING}
    | {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}
)


def visible(text: str) -> str:
    """Text with a sign for every character that would not be seen; lines and tabs stay."""
    return text.translate(_SHOWN)


def number(value: float) -> str:
    """A count in groups of three, or what is no whole number with one decimal."""
    if value != int(value):
        return f"{value:,.1f}".replace(",", "\u202f")
    return f"{int(value):,}".replace(",", "\u202f")


def size(count: float) -> str:
    """Bytes in the largest unit that leaves at least one; less than none is not known."""
    if count < 0:
        return "unknown"
    if count == 1:
        return "1 byte"
    unit = 0
    while count >= _KILO and unit < len(_SIZES) - 1:
        count /= _KILO
        unit += 1
    return f"{number(count) if not unit else f'{count:.1f}'} {_SIZES[unit]}"


def duration(seconds: float | None) -> str:
    """How long, in the two largest units: `2 h 5 min`, `340 ms`; None: a dash."""
    if seconds is None or not math.isfinite(seconds):
        return _DASH
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 1:
        return "0 s" if seconds < 0.0005 else f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    rest = float(round(seconds))
    parts: list[str] = []
    for step, name in _STEPS:
        count, rest = divmod(rest, step)
        if count or parts:
            parts.append(f"{int(count)} {name}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(filter(None, parts))


def relative(at: float | None, now: float) -> str:
    """When, seen from now: `3 min ago`, `in 2 h`; None: never."""
    if at is None or not math.isfinite(at):
        return _NEVER
    away = at - now
    if abs(away) < 1:
        return "now"
    largest = duration(float(int(abs(away)))).split(" ")
    words = " ".join(largest[:2])
    return f"in {words}" if away > 0 else f"{words} ago"


def exact(at: float) -> str:
    """UTC to the millisecond, as ISO 8601; what no calendar holds stays a number."""
    try:
        when = datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{at:g}"
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 job`, `3 jobs`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """How often: `once`, `3 times`."""
    return "once" if count == 1 else f"{number(count)} times"
