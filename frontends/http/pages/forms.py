"""Forms as commands, inside the bounds that commands have wherever they come from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import frozen

from engine.commands import PLAIN
from engine.replies import Refused
from frontends.dialects.native_json_binding import bind_kind
from frontends.http.pages.access import Answer, RefusedPage, Visitor

T = TypeVar("T")
ROWS: Final = 100
"""Rows on a page of a list that the engine answers whole."""


def command_of(kind: type[T], values: Mapping[str, Any]) -> T:
    """The command that the fields of a form ask for.

    Raises:
        RefusedPage: a value is out of its bounds.
    """
    found = bind_kind(kind, values, PLAIN.policy)
    if isinstance(found, Refused):
        raise RefusedPage(found)
    assert isinstance(found, kind)
    return found


async def act(
    who: Visitor, kind: type, values: Mapping[str, Any], done: str, back: str = ""
) -> Answer:
    """Do what a form asks for, then go back and say how it went, also when it cannot be said."""
    try:
        command: object = command_of(kind, values)
    except RefusedPage as refused:
        who.session.say(f"Not done: {refused.refusal.sentence}.", bad=True)
        return await who.back()
    return await who.act(command, done, back)


@frozen
class Shown:
    """One page of a list."""

    rows: Sequence[Any]
    total: int
    page: int
    """Its number, from 1."""
    next: int | None
    """The number of the page that follows; None: this is the last."""


def shown(rows: Sequence[Any], page: int = 1) -> Shown:
    """A page of a list by its number; one that is not there is the nearest."""
    number = max(1, min(page, -(-len(rows) // ROWS)))
    first = (number - 1) * ROWS
    more = first + ROWS < len(rows)
    return Shown(rows[first : first + ROWS], len(rows), number, number + 1 if more else None)
