"""Cut the power at every kind of moment and see what is left.

After each cut the store must hold exactly what was acknowledged, with or without the commit that
was under way, whole. A commit that was acknowledged and is missing is lost.
"""

import random
from typing import Literal

import apsw
from attrs import define

from engine.store.database import PlainChanges
from engine.store.errors import StoreError
from engine.store.tables import JOBS, Table
from tests.powercut.disk import Disk
from tests.powercut.machine import Machine, Rows, applied, rows_of, token_of

CUTS_A_DISK = 10
"""Cuts in a row before the disk is replaced by an empty one, so that stores stay small."""

COUNT = "count"
"""Key of the row that tells how many commits there were."""


@define
class Outcome:
    """What a run of cuts found."""

    cuts: int = 0
    lost: int = 0
    """Acknowledged commits that were not there any more."""
    torn: int = 0
    """Stores that held something that was never committed as a whole, or did not open."""
    idle: int = 0
    """Cuts while no commit was under way: during starts, loads and checkpoints."""


def run_cuts(cuts: int, synchronous: Literal["FULL", "NORMAL"] = "FULL", seed: int = 0) -> Outcome:
    """Cut the power so many times; the same seed gives the same cuts."""
    chance = random.Random(seed)
    machine = Machine(synchronous)
    outcome = Outcome()
    while outcome.cuts < cuts:
        machine.disk = Disk()
        machine.format()
        history: list[Rows] = [{}]
        for _ in range(min(CUTS_A_DISK, cuts - outcome.cuts)):
            machine.disk.cut_at(chance.randrange(1, 150))
            acknowledged = _work(machine, history, chance, outcome)
            outcome.cuts += 1
            machine.disk = machine.disk.restarted(chance)
            left = _look(machine)
            if left not in history:
                outcome.torn += 1
                break
            found = len(history) - 1 - history[::-1].index(left)
            outcome.lost += max(0, acknowledged - found)
            history = [left]
    return outcome


def _work(machine: Machine, history: list[Rows], chance: random.Random, outcome: Outcome) -> int:
    """Commit until the power fails; returns which entry of `history` was last acknowledged."""
    acknowledged = 0
    try:
        with machine.started() as database:
            token = token_of(database)
            if chance.random() < 0.5:
                rows_of(database, token)
            while True:
                changes = _some_changes(history[-1], chance)
                history.append(applied(history[-1], changes))
                database.apply(token, changes)
                acknowledged = len(history) - 1
                database.tend()
    except (StoreError, apsw.Error):
        assert machine.disk.off
    outcome.idle += acknowledged == len(history) - 1
    return acknowledged


def _look(machine: Machine) -> Rows | None:
    try:
        with machine.started() as database:
            return rows_of(database, token_of(database))
    except (StoreError, apsw.Error):
        return None


def _some_changes(rows: Rows, chance: random.Random) -> PlainChanges:
    seqs = [key for table, key in rows if table == JOBS]
    heads: dict[int | str, tuple[int | float | str | bytes | None, ...] | None] = {}
    bodies: dict[int | str, tuple[int | float | str | bytes | None, ...] | None] = {}
    for _ in range(chance.randrange(1, 5)):
        kind = chance.random()
        if kind < 0.6 or not seqs:
            seq = chance.getrandbits(40)
            heads[seq] = (seq, 1, 1, 0, 1.0, 0, 1.0, None)
            size = chance.choice((0, 40, 400, 9_000))
            bodies[seq] = (seq, f"id-{seq}", "mail", chance.randbytes(size), b"", 1.0, None)
        elif kind < 0.9:
            seq = int(chance.choice(seqs))
            if seq not in heads:
                heads[seq] = (seq, 1, 2, chance.getrandbits(30), 2.0, 1, 2.0, b"held")
        else:
            seq = int(chance.choice(seqs))
            heads[seq] = None
            bodies[seq] = None
    count = rows.get((Table.META, COUNT), (COUNT, 0))[1]
    assert isinstance(count, int)
    return {
        Table.HEADS: heads,
        Table.BODIES: bodies,
        Table.META: {COUNT: (COUNT, count + 1)},
    }
