"""The lock and the space set aside: files beside the database."""

import errno
import os
from pathlib import Path

import pytest

from engine.store import space as space_module
from engine.store.errors import StoreInUse
from engine.store.lock import Lock
from engine.store.options import Options
from engine.store.space import Space, free_bytes

ROOM = Options(reserve=64 * 1024, low_water=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobyard.db"


def test_one_holds_the_lock(path: Path) -> None:
    first = Lock(path)
    assert first.created
    with pytest.raises(StoreInUse):
        Lock(path)
    first.release(remove=False)
    second = Lock(path)
    assert not second.created
    second.release(remove=True)
    assert list(path.parent.iterdir()) == []


def test_a_lock_on_a_removed_file_does_not_count(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Lock(path)
    waiting = os.open(path.with_name("jobyard.db.lock"), os.O_RDWR)
    holder.release(remove=True)
    real_open = os.open
    descriptors = [waiting]

    def opened(name: str, flags: int, mode: int = 0o777) -> int:
        return descriptors.pop() if descriptors else real_open(name, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    lock = Lock(path)
    monkeypatch.undo()
    with pytest.raises(StoreInUse):
        Lock(path)
    lock.release(remove=True)


def test_the_reserve_takes_real_space_and_gives_it_up_once(path: Path) -> None:
    space = Space(path, ROOM)
    assert space.spent
    space.restore()
    reserve = path.with_name("jobyard.db.reserve")
    assert not space.spent
    assert reserve.stat().st_size == ROOM.reserve
    assert reserve.stat().st_blocks * 512 >= ROOM.reserve
    assert space.give_up() is True
    assert not reserve.exists()
    assert space.give_up() is False
    space.restore()
    assert reserve.exists()


def test_a_reserve_of_an_earlier_server_is_kept(path: Path) -> None:
    Space(path, ROOM).restore()
    inode = path.with_name("jobyard.db.reserve").stat().st_ino
    again = Space(path, ROOM)
    again.restore()
    assert not again.spent
    assert path.with_name("jobyard.db.reserve").stat().st_ino == inode


def test_no_reserve_below_the_low_water_mark(path: Path) -> None:
    space = Space(path, Options(reserve=4096, low_water=free_bytes(path.parent) * 2))
    space.restore()
    assert space.spent
    assert list(path.parent.iterdir()) == []


def test_a_quota_leaves_no_half_of_a_reserve(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _size: int) -> None:
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(space_module, "_allocate", refuse)
    space = Space(path, ROOM)
    space.restore()
    assert space.spent
    assert list(path.parent.iterdir()) == []


def test_without_fallocate_zeros_are_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    Space(path, ROOM).restore()
    assert path.with_name("jobyard.db.reserve").read_bytes() == bytes(ROOM.reserve)


def test_no_reserve_is_asked_for_with_size_zero(path: Path) -> None:
    space = Space(path, Options(reserve=0))
    space.restore()
    assert not space.spent
    assert space.give_up() is False
    assert list(path.parent.iterdir()) == []
