"""No power cut loses what was acknowledged, and the harness would see it if one did."""

import random

import pytest

from engine.store.tables import Table
from tests.powercut.cuts import run_cuts
from tests.powercut.disk import SECTOR, Disk, File
from tests.powercut.machine import NAME, Machine, token_of

QUICK = 600


def test_no_cut_loses_or_tears_a_commit() -> None:
    outcome = run_cuts(QUICK, seed=1)
    assert outcome.cuts == QUICK
    assert (outcome.lost, outcome.torn) == (0, 0)
    assert 0 < outcome.idle < QUICK / 2  # most cuts hit a commit


def test_the_control_without_a_sync_at_each_commit_loses() -> None:
    assert run_cuts(200, synchronous="NORMAL", seed=1).lost > 0


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_no_cut_loses_in_a_long_run(seed: int) -> None:
    outcome = run_cuts(20_000, seed=100 + seed)
    assert (outcome.lost, outcome.torn) == (0, 0)


def test_the_same_seed_gives_the_same_cuts() -> None:
    assert run_cuts(60, synchronous="NORMAL", seed=3) == run_cuts(60, "NORMAL", seed=3)


def test_nothing_on_the_disk_is_readable() -> None:
    machine = Machine()
    machine.format()
    with machine.started() as database:
        row = (1, "id-1", "mail-type", b"payload in the clear", b"policy", 0.0, None)
        head = (1, 1, 1, 0, 0.0, 0, 0.0, b"more of the head")
        database.apply(token_of(database), {Table.HEADS: {1: head}, Table.BODIES: {1: row}})
        written = b"".join(bytes(file.seen) for file in machine.disk.files.values())
    assert len(machine.disk.files) > 0
    for clear in (b"payload", b"mail-type", b"policy", b"head", b"SQLite format", b"CREATE"):
        assert clear not in written


def test_a_cut_keeps_what_was_synced_and_some_sectors_of_the_rest() -> None:
    file = File(seen=bytearray(b"n" * 8 * SECTOR), durable=bytearray(b"o" * 8 * SECTOR))
    file.pending.append((0, bytes(file.seen)))
    left = {
        bytes(Disk(files={NAME: file}).restarted(random.Random(seed)).files[NAME].seen)
        for seed in range(50)
    }
    assert b"o" * 8 * SECTOR in left
    assert any(b"n" in content and b"o" in content for content in left)
    assert all(
        len(set(content[start : start + SECTOR])) == 1
        for content in left
        for start in range(0, len(content), SECTOR)
    )
