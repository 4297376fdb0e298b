"""When space is short the store says so, and when it is back it says that too."""

from pathlib import Path

import pytest

from engine.store import space as space_module
from engine.store import sqlite as sqlite_module
from engine.store.errors import StoreFull
from engine.store.links import Call, InlineLink
from engine.store.open import open_store
from engine.store.options import Options
from engine.store.protocol import Tenure
from engine.store.sqlite import SqliteStore
from engine.store.tables import Changes, Table
from tests.engine.store.places import SMALL, publish, start

MIB = 1024 * 1024
HEADS_ONLY = {Table.HEADS: publish(1)[Table.HEADS]}


class Answers(InlineLink):
    """A link whose commits end as told."""

    def __init__(self, path: Path) -> None:
        super().__init__(start(path))
        self.spent = False
        self.full = False

    async def finish(self, call: Call) -> object:
        if call.name != "apply":
            return await super().finish(call)
        if self.full:
            raise StoreFull("planted")
        return self.spent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobyard.db"


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    room = [100 * MIB]
    for module in (space_module, sqlite_module):
        monkeypatch.setattr(module, "free_bytes", lambda _folder: room[0])
    return room


async def test_below_the_low_water_mark_it_is_low(path: Path, free: list[int]) -> None:
    options = Options(reserve=0, log=0, low_water=10 * MIB)
    async with open_store(path, options=options, writer="inline") as store:
        for room, low in ((10 * MIB, False), (10 * MIB - 1, True), (11 * MIB, False)):
            free[0] = room
            assert store.statistics().low is low
            assert store.statistics().free == room


async def test_it_stays_low_until_the_reserve_fits_again(path: Path, free: list[int]) -> None:
    link = Answers(path)
    store = SqliteStore(link, path, Options(reserve=5 * MIB, low_water=10 * MIB))
    tenure = Tenure(0, "a", 1, 0.0)
    link.spent = True
    await store.commit(tenure, HEADS_ONLY)
    for room, low in ((15 * MIB - 1, True), (15 * MIB, False)):
        free[0] = room
        assert store.statistics().low is low
    await store.aclose()


async def test_a_refused_commit_is_low_whatever_the_file_system_says(
    path: Path, free: list[int]
) -> None:
    link = Answers(path)
    store = SqliteStore(link, path, SMALL)
    tenure = Tenure(0, "a", 1, 0.0)
    link.full = True
    with pytest.raises(StoreFull):
        await store.commit(tenure, HEADS_ONLY)
    assert store.statistics().low
    assert store.statistics().commits == 0
    link.full = False
    await store.commit(tenure, HEADS_ONLY)
    assert not store.statistics().low
    assert store.statistics().commits == 1
    await store.aclose()


async def test_the_reserve_is_made_with_the_first_commit_and_again_when_there_is_room(
    path: Path, free: list[int]
) -> None:
    reserve = path.with_name(path.name + ".reserve")
    options = Options(reserve=8192, log=0, low_water=10 * MIB)
    free[0] = 5 * MIB
    async with open_store(path, options=options, writer="inline") as store:
        tenure = await store.acquire(0, "a", 60)
        assert tenure is not None
        await store.commit(tenure, publish_all(1))
        assert not reserve.exists()
        assert store.statistics().low
        free[0] = 100 * MIB
        await store.commit(tenure, publish_all(2))
        await store.commit(tenure, publish_all(3))
        assert reserve.exists()
        assert not store.statistics().low


def publish_all(seq: int) -> Changes:
    return {Table(table): dict(rows) for table, rows in publish(seq).items()}
