"""A bug planted in a queue: commands that crash whoever handles them."""

import pytest

from engine.access import Caller
from engine.commands import Kick, Publish
from engine.queue_state.core import QueueCore
from engine.queue_state.due import fire_due
from engine.queue_state.handlers import HANDLERS
from engine.replies import Reply, ReplyTo

BOOM = "boom"


class Planted(Exception):
    """The bug."""


def crash(queue: str = "q") -> Kick:
    """The command that crashes a queue where the bug is planted."""
    return Kick(queue, BOOM)


def crash_anew(queue: str = "q") -> Publish:
    """The same for a queue that may not exist."""
    return Publish(queue, BOOM, b"")


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on these two crash, after changing what they should not."""
    kick, publish = HANDLERS[Kick], HANDLERS[Publish]

    def kicking(q: QueueCore, c: Kick, who: Caller, to: ReplyTo, now: float) -> Reply | None:
        if c.address == BOOM:
            _break(q)
        return kick(q, c, who, to, now)

    def publishing(q: QueueCore, c: Publish, who: Caller, to: ReplyTo, now: float) -> Reply | None:
        if c.type == BOOM:
            _break(q)
        return publish(q, c, who, to, now)

    monkeypatch.setitem(HANDLERS, Kick, kicking)
    monkeypatch.setitem(HANDLERS, Publish, publishing)


def _break(q: QueueCore) -> None:
    for job in q.jobs.values():
        job.attempts += 100
    raise Planted


def crash_once(monkeypatch: pytest.MonkeyPatch, queue: str, *, answering: bool = False) -> None:
    """Crash a queue the next time it looks at its alarms; `answering`: when they answer anybody."""
    target = "engine.queue_state.state.fire_due"

    def crashing(q: QueueCore, now: float) -> None:
        fire_due(q, now)
        if q.name == queue and (q.letters or not answering):
            monkeypatch.setattr(target, fire_due)
            raise Planted

    monkeypatch.setattr(target, crashing)
