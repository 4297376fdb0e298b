"""What pages read of queues, for those who may: nothing here asks a queue."""

from collections.abc import Callable
from typing import Final

import trio
from quart import request

from engine.access import Right
from engine.figures import QueueFigures, QueueLine
from engine.history import History, Tally
from engine.replies import Code, Refused
from frontends.http.pages.access import RefusedPage, Visitor
from frontends.observed import Observed

TURN: Final = 1_000
"""Queues looked at before others have their turn."""
_DIGITS: Final = 7


def must(who: Visitor, right: str) -> None:
    """Let nobody on who has not this right here.

    Raises:
        RefusedPage: with the engine's own sentence.
    """
    if not who.may(right):
        raise RefusedPage(Refused(Code.FORBIDDEN))


def observed(who: Visitor) -> Observed:
    """The figures of the server.

    Raises:
        RefusedPage: this visitor may not read in the selected group.
    """
    must(who, Right.READ.name or "")
    seen = who.site.observed
    assert seen is not None, "a server with pages is observed"
    return seen


async def lines(
    who: Visitor, fits: Callable[[QueueLine], bool] = lambda _: True
) -> list[QueueLine]:
    """The queues of the selected group that fit."""
    found = []
    for number, line in enumerate(observed(who).lines(who.group), 1):
        if fits(line):
            found.append(line)
        if not number % TURN:
            await trio.lowlevel.checkpoint()
    return found


def figures(who: Visitor, queue: str) -> QueueFigures | None:
    """One queue of the selected group; None: there is none."""
    return observed(who).queue(who.group, queue)


def history(who: Visitor) -> History:
    """What was sampled."""
    return observed(who).history


def latest(who: Visitor) -> dict[str, Tally]:
    """What queues of the selected group did between the last two samples."""
    seen = history(who).latest
    return {name: did for (group, name), did in seen.items() if group == who.group}


def hour(who: Visitor, queue: str) -> list[float]:
    """Jobs that came and went in each sample of the last hour; empty: nobody kept that."""
    track = history(who).queues.get((who.group, queue))
    points = () if track is None else track.hour(who.site.now())
    return [float(point.did.published + point.did.finished) for point in points]


def asked(name: str, most: int = 200) -> str:
    """What the address says of this, cut to a length."""
    return request.args.get(name, "")[:most]


def asked_page() -> int:
    """The page the address asks for, from 1."""
    text = asked("page", _DIGITS)
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1
