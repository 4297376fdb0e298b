"""Answers for people and for programs.

What comes out of jobs is hostile: on a terminal nothing but printable characters reaches it. JSON
and YAML say the same values with escapes, so that a program reads exactly what was there.
"""

import base64
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO, TypeVar

import msgspec

T = TypeVar("T")
Output = Literal["table", "json", "yaml"]
Rows = Sequence[Sequence[str]]

_NOT_PLAIN: Final = re.compile(r"[^\n\x20-\x7e]")
_CELL: Final = 60
"""Characters of a text in a table of many."""
WIDE: Final = 2_000
"""And where it stands alone."""


def say(text: str = "", out: TextIO | None = None) -> None:
    """One line, or several."""
    (out or sys.stdout).write(f"{text}\n")


def shown(text: str, longest: int = WIDE) -> str:
    """A text as a terminal may have it: what is not printable is escaped, the rest cut."""
    cut = text[:longest]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    return f"{safe}… ({len(text)} characters)" if len(text) > longest else safe


def when(seconds: float | None) -> str:
    """An instant in UTC, to the second."""
    if seconds is None:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def cell(value: object, longest: int = _CELL) -> str:
    """Any value in a table."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case bytes():
            return shown(value.decode("utf-8", "backslashreplace"), longest)
        case str():
            return shown(value, longest)
        case list() | tuple() | dict():
            return shown(encoded(value), longest)
        case _:
            return shown(str(value), longest)


def table(heads: Sequence[str], rows: Rows) -> str:
    """Columns as wide as what is in them; the last one ends where its text does."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in ([head.upper() for head in heads], *rows)
    ]
    return "\n".join(lines)


def fields(value: Mapping[str, object]) -> str:
    """One value, a field a line; empty ones are left out."""
    said = [(name, item) for name, item in value.items() if item not in _EMPTY]
    width = max((len(name) for name, _ in said), default=0)
    return "\n".join(f"{name.ljust(width)}  {_field(name, item)}" for name, item in said)


_EMPTY: Final[tuple[object, ...]] = (None, "", b"", [], {}, ())


def _field(name: str, item: object) -> str:
    if name.endswith(("_at", "_until", "_tick")) or name == "expected":
        return when(item) if isinstance(item, float | int) else cell(item)
    return cell(item, WIDE)


def native(value: Any) -> Any:
    """An answer as plain values: bytes are text where they are UTF-8, else base64 by that name."""
    match value:
        case msgspec.Struct():
            return native(msgspec.structs.asdict(value))
        case dict():
            return dict(_named(str(key), item) for key, item in value.items())
        case list() | tuple():
            return [native(item) for item in value]
        case bytes():
            return _named("", value)[1]
        case _:
            return value


def _named(key: str, value: Any) -> tuple[str, Any]:
    if not isinstance(value, bytes):
        return key, native(value)
    try:
        return key, value.decode()
    except UnicodeDecodeError:
        return f"{key}_base64", base64.b64encode(value).decode()


def encoded(value: Any, *, indent: int | None = None) -> str:
    """JSON in printable characters; what reads it has every character back."""
    text = json.dumps(native(value), ensure_ascii=False, indent=indent)
    narrow = "utf" not in (sys.stdout.encoding or "").lower()
    return _NOT_PLAIN.sub(lambda found: _escaped(found[0], narrow=narrow), text)


def _escaped(character: str, *, narrow: bool) -> str:
    if character.isprintable() and not narrow:
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


def say_json(value: Any) -> None:
    """Print JSON, in colours on a terminal that has them."""
    text = encoded(value, indent=2)
    if not sys.stdout.isatty():
        say(text)
        return
    from rich.console import Console  # noqa: PLC0415 - a program that reads needs no colours
    from rich.highlighter import JSONHighlighter  # noqa: PLC0415 - the same

    Console().print(JSONHighlighter()(text), soft_wrap=True)


def document(value: Any) -> str:
    """YAML in printable characters."""
    import yaml  # noqa: PLC0415 - only who asks for it waits for it

    said: str = yaml.safe_dump(native(value), sort_keys=False, allow_unicode=False)
    return said.removesuffix("\n")


def show(value: Any, output: Output, as_table: str | None = None) -> None:
    """Print an answer; `as_table` is how people read it, None: a field a line."""
    match output:
        case "json":
            say_json(value)
        case "yaml":
            say(document(value))
        case "table":
            say(fields(_asdict(value)) if as_table is None else as_table)


def _asdict(value: Any) -> Mapping[str, object]:
    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value


def show_pages(
    pages: Iterable[Sequence[T]],
    output: Output,
    heads: Sequence[str],
    row: Callable[[T], Sequence[str]],
) -> None:
    """Print a list that comes a page at a time, as one list, keeping one page at a time.

    Args:
        pages: values, some at a time.
        output: how.
        heads: of the table's columns.
        row: from a value to its cells.
    """
    printed = 0
    for number, page in enumerate(pages):
        if output == "table":
            lines = table(heads, [row(value) for value in page]).split("\n")
            for line in lines if number == 0 else lines[1:]:
                say(line)
        elif output == "yaml" and page:
            say(document(list(page)))
        elif output == "json":
            for at, value in enumerate(page, printed):
                sys.stdout.write((",\n" if at else "[\n") + encoded(value))
        printed += len(page)
    if output == "json":
        say("\n]" if printed else "[]")
    elif output == "yaml" and not printed:
        say("[]")
