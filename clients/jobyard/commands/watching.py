"""Live views: of all queues, and of what is published to one."""

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from jobyard.blocking import BlockingClient
from jobyard.commands.jobs import line as job_line
from jobyard.commands.options import Seconds, Whole
from jobyard.commands.queues import HEADS, described, line
from jobyard.commands.reach import HERE, Reached, asked
from jobyard.commands.showing import Output, document, encoded, say, show
from jobyard.errors import BadArgument
from jobyard.job import Job, Page

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

_SOONEST: Final = 0.2
"""Seconds between two looks, at least: a view is no load."""
_PAGE: Final = 100
_WIDE: Final = 80
"""Columns of characters that all heads need with a name before them."""
_FEW: Final = ("queue", "ready", "reserved", "failed", "is")
"""Heads of a narrower view."""
_AROUND: Final = 3
"""Lines of a view that are no queue's: the title, the heads, how many more there are."""


def top(
    *,
    every: Seconds = 2.0,
    once: Annotated[bool, Parameter(negative="")] = False,
    reach: Reached = HERE,
) -> int:
    """Watch the queues of the group until Ctrl-C.

    Args:
        every: seconds between two looks.
        once: print one look and end; `-o json` and `-o yaml` are for this.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        _check(every)
        if once and reach.output != "table":
            show(described(client), reach.output)
        else:
            _watch(client, every, once=once)

    return asked(reach, say_it)


def _watch(client: BlockingClient, every: float, *, once: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - only this command draws
    from rich.live import Live  # noqa: PLC0415 - the same

    console = Console(highlight=False)
    if once:
        console.print(frame(client, console.width))
        return
    try:
        if not console.is_terminal:
            while True:
                console.print(frame(client, console.width))
                time.sleep(every)
        look = frame(client, *console.size)
        with Live(look, console=console, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(every)
                live.update(frame(client, *console.size), refresh=True)
    except KeyboardInterrupt:
        return


def frame(client: BlockingClient, width: int, height: int | None = None) -> "Table":
    """One look, with the columns and the rows that fit.

    Args:
        client: which server.
        width: columns of characters.
        height: lines; None: as many as there are queues.
    """
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    rows = [dict(zip(HEADS, line(queue), strict=True)) for queue in described(client)]
    fit = len(rows) if height is None else max(1, height - _AROUND)
    heads = HEADS if width >= _WIDE else _FEW
    room = width - 1  # what the others leave for names
    for head in heads[1:]:
        room -= 1 + max(len(head), *(len(row[head]) for row in rows[:fit]), 0)
    drawn = Table(title=Text(str(client.address)), box=None, padding=(0, 1, 0, 0))
    for head in heads:
        words = head in {"queue", "is"}
        longest = max(len(head), room) if head == "queue" else None
        justify: JustifyMethod = "left" if words else "right"
        drawn.add_column(head, justify=justify, no_wrap=True, max_width=longest)
    for row in rows[:fit]:
        drawn.add_row(*(Text(row[head]) for head in heads))  # Text: a name is never markup
    if len(rows) > fit:
        drawn.caption = f"and {len(rows) - fit} more: jobyard queue list"
    return drawn


def tail(
    queue: str,
    /,
    *,
    type: str | None = None,  # noqa: A002 - the field's name
    after: Whole | None = None,
    new: Annotated[bool, Parameter(negative="")] = False,
    every: Seconds = 2.0,
    reach: Reached = HERE,
) -> int:
    """Show the jobs of a queue, then each new one as it is published, until Ctrl-C.

    In JSON each is a line of its own.

    Args:
        queue: whose.
        type: only those of it.
        after: only those behind this `seq`.
        new: only those that are published from now on.
        every: seconds between two looks.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        _check(every)
        if new and after is not None:
            raise BadArgument("tail takes --new or --after, not both")
        begin = _end(client, queue) if new else after
        try:
            for page in _follow(client, queue, type, begin):
                for job in page.jobs:
                    say(_told(job, reach.output))
                sys.stdout.flush()
                if page.next is None:
                    time.sleep(every)
        except KeyboardInterrupt:
            return

    return asked(reach, say_it)


def _end(client: BlockingClient, queue: str) -> int:
    """The `seq` behind which there is no job."""
    newest = client.execute("LIST", queue, "NEWEST_FIRST", "true", "LIMIT", 1)["jobs"]
    return int(newest[0]["seq"]) if newest else 0


def _follow(
    client: BlockingClient, queue: str, kind: str | None, after: int | None
) -> Iterator[Page]:
    while True:
        page = client.list(queue, type=kind, after=after, limit=_PAGE)
        yield page
        last = page.jobs[-1].seq if page.jobs else after
        after = last if page.next is None else page.next


def _told(job: Job, output: Output) -> str:
    match output:
        case "json":
            return encoded(job)
        case "yaml":
            return document([job])
        case "table":
            return "  ".join(job_line(job)).rstrip()


def _check(every: float) -> None:
    if every < _SOONEST:
        raise BadArgument(f"--every is {_SOONEST} seconds or more")
