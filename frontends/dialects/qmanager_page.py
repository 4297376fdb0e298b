"""qmanager's text page: how many tasks wait, run and are done, and the results."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from frontends.dialects.qmanager import METHODS, PREFIX, Kept, Task, given_back

SHOWN: Final = 1000
"""Characters of a value."""
GAP: Final = 2
"""Spaces between two columns, at least."""

NOT_CONNECT: Final = "405 must CONNECT\n"
CONNECTED: Final = b"HTTP/1.0 200 Connected to Go RPC\n\n"
METHODS_PAGE: Final = (
    "<html>\n<body>\n<title>Services</title>\n<hr>\nService RpcHandler\n<hr>\n<ul>\n"
    + "".join(f"<li>{PREFIX}{method}</li>\n" for method in METHODS)
    + "</ul>\n</body>\n</html>\n"
)


@frozen
class Counted:
    """Tasks by where they are."""

    waiting: int
    running: int
    done: int


def page(counted: Counted, done: Sequence[Task], now: float) -> str:
    """The whole page; `now` in unix seconds."""
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")
    head = (
        f"Current time is: {moment}\nWait:\t\t{counted.waiting}\nProgress:\t{counted.running}\n"
        f"Done:\t\t{counted.done}\n\nDone list:\n"
    )
    return head + "".join(f"{line}\n" for line in aligned([_cells(task) for task in done]))


def _cells(task: Task) -> list[str]:
    return [
        f"ID: {task.id}",
        f"Type: {plain(task.type)}",
        f"Input: {shown(task.input)}",
        f"Output: {shown(task.output)}",
    ]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines whose cells begin in the same columns; the last cell ends where it ends."""
    if not rows:
        return []
    widths = [max(map(len, column)) + GAP for column in zip(*rows, strict=True)][:-1]
    return [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + row[-1]
        for row in rows
    ]


def shown(kept: Kept | None) -> str:
    """A value on one line, as Go prints it."""
    if kept is None:
        return "<nil>"
    return plain(_printed(given_back(kept).value))


def _printed(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        case bytes():
            return f"[{' '.join(map(str, value[:SHOWN]))}]"
        case _:
            return str(value)


def plain(text: str) -> str:
    """Without what would break the line or fool a terminal, and not longer than `SHOWN`."""
    cut = text[:SHOWN].encode("utf-8", "replace").decode()
    return "".join(one if one.isprintable() else "\ufffd" for one in cut)
