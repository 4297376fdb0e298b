"""The log is copied back beside the commits and stays within its bound."""

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from engine.store import checkpoints as module
from engine.store import opening
from engine.store.checkpoints import Checkpoints
from engine.store.errors import StoreBroken
from engine.store.starting import open_database
from tests.engine.store.places import KEY, SMALL, jobs, publish, start, take

FRAME = 4096 + 24
STEP = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobyard.db"


@pytest.fixture
def writer(path: Path) -> Iterator[apsw.Connection]:
    start(path).close()
    connection = opening.open_writer(path, KEY, SMALL)
    yield connection
    connection.close()


def log_size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


def grow(writer: apsw.Connection, key: int) -> None:
    writer.execute("INSERT INTO details VALUES(?,?,?)", (key, bytes(10_000), None))


def test_alone_the_writer_copies_each_time_the_log_has_grown(
    path: Path, writer: apsw.Connection
) -> None:
    checkpoints = Checkpoints(writer, step=STEP)
    checkpoints.start()
    for key in range(200):
        grow(writer, key)
        checkpoints.tend()
    checkpoints.stop()
    assert log_size(path) < 3 * STEP * FRAME
    assert path.stat().st_size > 2_000_000


def test_beside_the_commits_the_log_stays_within_its_bound(
    path: Path, writer: apsw.Connection
) -> None:
    checkpoints = Checkpoints(
        writer, lambda: opening.open_second(path, KEY, SMALL), step=STEP, bound=4 * STEP
    )
    checkpoints.start()
    checkpoints.start()
    for key in range(300):
        grow(writer, key)
        checkpoints.tend()
    checkpoints.stop()
    assert log_size(path) < 6 * STEP * FRAME
    assert path.stat().st_size > 3_000_000


def test_a_copy_that_fails_beside_is_told_to_the_writer(
    path: Path, writer: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(_connection: apsw.Connection) -> None:
        failed.set()
        raise apsw.IOError("planted")

    monkeypatch.setattr(module, "_copy", fail)
    checkpoints = Checkpoints(writer, lambda: opening.open_second(path, KEY, SMALL), step=1)
    checkpoints.start()
    grow(writer, 1)
    checkpoints.tend()
    assert failed.wait(10)
    checkpoints.stop()
    with pytest.raises(apsw.IOError, match="planted"):
        checkpoints.tend()


def test_a_store_whose_log_cannot_be_copied_stops(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: apsw.Connection) -> None:
        raise apsw.IOError("planted")

    database = start(path)
    token = take(database)
    database.apply(token, publish(*range(100), payload=bytes(50_000)))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_copy", fail)
        database.tend()
    with pytest.raises(StoreBroken):
        database.apply(token, publish(101))
    database.close()
    database = start(path)
    assert len(jobs(database, take(database))) == 100
    database.close()


def test_the_log_is_laid_out_before_the_first_commit_and_gone_after_the_last(path: Path) -> None:
    options = SMALL._replace(log=1_234_567)
    database = open_database(path, KEY, options)
    token = take(database)
    assert log_size(path) == 0
    for seq in range(30):
        database.apply(token, publish(seq))
        database.tend()
        assert log_size(path) == options.log
    database.close()
    assert not opening.has_log(path)
    database = start(path)
    assert len(jobs(database, take(database))) == 30
    database.close()


def test_zeros_after_the_last_commit_of_a_killed_server_are_no_commits(path: Path) -> None:
    database = open_database(path, KEY, SMALL._replace(log=1_000_000))
    token = take(database)
    database.apply(token, publish(*range(30)))
    copy = path.parent / "copy" / path.name
    copy.parent.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        (copy.parent / name).write_bytes((path.parent / name).read_bytes())
    database.close()
    again = start(copy)
    assert len(jobs(again, take(again))) == 30
    again.close()


def test_no_log_is_laid_out_where_space_is_short(path: Path) -> None:
    database = open_database(path, KEY, SMALL._replace(log=1_000_000, low_water=2**62))
    database.apply(take(database), publish(1))
    assert log_size(path) < 1_000_000
    database.close()
