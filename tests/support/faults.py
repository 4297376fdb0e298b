"""A bug planted in a queue: one command that crashes whoever handles it."""

import pytest

from engine.access import Caller
from engine.commands import Kick
from engine.queue_state.core import QueueCore
from engine.queue_state.handlers import HANDLERS
from engine.replies import Reply, ReplyTo

BOOM = "boom"


class Planted(Exception):
    """The bug."""


def crash(queue: str = "q") -> Kick:
    """The command that crashes a queue where the bug is planted."""
    return Kick(queue, BOOM)


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on `crash()` crashes, after changing what it should not."""
    kick = HANDLERS[Kick]

    def crashing(q: QueueCore, c: Kick, who: Caller, to: ReplyTo, now: float) -> Reply | None:
        if c.address != BOOM:
            return kick(q, c, who, to, now)
        for job in q.jobs.values():
            job.attempts += 100
        raise Planted

    monkeypatch.setitem(HANDLERS, Kick, crashing)
