"""The server with a fault planted in it: `python -m tests.planted.faulty_server FAULT serve …`."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
import trio

from engine import committer
from engine.committer import Committer
from engine.job import JobState
from engine.store.tables import Table
from jobyard.command import main

LATE = 0.01
"""Seconds between an answer and the commit it should have waited for."""


def answers_before_commit(patch: pytest.MonkeyPatch) -> None:
    commit_once = Committer._commit_once

    async def hasty(self: Committer) -> None:
        for over in self._waiting:
            for to, reply in over.letters:
                committer._send(to, reply)
            over.letters.clear()
        self.flush()
        await trio.sleep(LATE)
        await commit_once(self)

    patch.setattr(Committer, "_commit_once", hasty)


def done_not_written(patch: pytest.MonkeyPatch) -> None:
    commit = Committer._commit

    async def forgets(self: Committer, changes: Any) -> bool:
        heads = changes.get(Table.HEADS, {})
        kept = {seq: row for seq, row in heads.items() if row is None or row[2] != JobState.DONE}
        return await commit(self, {**changes, Table.HEADS: kept})

    patch.setattr(Committer, "_commit", forgets)


def payload_of_another(patch: pytest.MonkeyPatch) -> None:
    commit = Committer._commit

    async def mixes(self: Committer, changes: Any) -> bool:
        bodies = dict(changes.get(Table.BODIES, {}))
        seqs = [seq for seq, row in bodies.items() if row is not None]
        if len(seqs) > 1:
            first, last = bodies[seqs[0]], bodies[seqs[-1]]
            bodies[seqs[0]] = (*first[:3], last[3], *first[4:])
        return await commit(self, {**changes, Table.BODIES: bodies})

    patch.setattr(Committer, "_commit", mixes)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    plant.__name__: plant for plant in (answers_before_commit, done_not_written, payload_of_another)
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)](pytest.MonkeyPatch())
    sys.exit(main())
