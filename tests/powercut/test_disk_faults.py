"""Each operation on the disk fails once: no commit is torn, none is acknowledged in vain."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from engine.store.database import PlainChanges
from engine.store.errors import DamagedFile, StoreBroken, StoreError, StoreFull
from engine.store.options import Options
from engine.store.space import Space
from engine.store.tables import Row, Table
from tests.powercut.machine import NAME, Machine, Rows, applied, rows_of, token_of


def publish(seq: int, size: int = 600) -> PlainChanges:
    head: Row = (seq, 1, 1, 0, 1.0, 0, 1.0, None)
    body: Row = (seq, f"id-{seq}", "mail", bytes(size), b"", 1.0, None)
    return {Table.HEADS: {seq: head}, Table.BODIES: {seq: body}}


WORK: list[PlainChanges] = [
    *(publish(seq, size=seq * 2_000) for seq in range(1, 6)),
    {Table.HEADS: {2: (2, 1, 2, 0, 1.0, 1, 2.0, b"held"), 3: None}, Table.BODIES: {3: None}},
    publish(9, size=60_000),
    {Table.HEADS: {9: None}, Table.BODIES: {9: None}},
    publish(10),
]


def formatted() -> Machine:
    machine = Machine()
    machine.format()
    machine.disk.operations = 0
    return machine


def names_of_operations() -> list[str]:
    machine = formatted()
    names: list[str] = []
    machine.disk.fault = lambda _number, name: names.append(name)
    with machine.started() as database:
        token = token_of(database)
        for changes in WORK:
            database.apply(token, changes)
            database.tend()
    return names


OPERATIONS = names_of_operations()
WRITES = [number for number, name in enumerate(OPERATIONS, 1) if name == "write"]


def once(operation: int, error: type[apsw.Error]) -> Callable[[int, str], None]:
    def fail(number: int, _name: str) -> None:
        if number == operation:
            raise error("planted")

    return fail


def look(machine: Machine) -> Rows:
    machine.disk.fault = None
    with machine.started() as database:
        return rows_of(database, token_of(database))


def test_the_work_syncs_and_copies_its_log() -> None:
    assert OPERATIONS.count("sync") > len(WORK) + 2
    assert len(WRITES) > 100


def test_after_any_io_error_the_store_stops_and_nothing_acknowledged_is_gone() -> None:
    for operation in range(1, len(OPERATIONS) + 1):
        machine = formatted()
        machine.disk.fault = once(operation, apsw.IOError)
        before: Rows = {}
        after = before
        stopped = False
        try:
            with machine.started() as database:
                token = token_of(database)
                for changes in WORK:
                    after = applied(before, changes)
                    database.apply(token, changes)
                    before = after
                    database.tend()
        except (StoreBroken, apsw.IOError):
            stopped = True
        assert look(machine) in (before, after), (operation, OPERATIONS[operation - 1])
        # What fails while the database closes harms nobody: its log is still there.
        assert stopped or machine.disk.operations >= operation


def test_after_an_io_error_every_commit_is_refused() -> None:
    machine = formatted()
    with machine.started() as database:
        token = token_of(database)
        database.apply(token, WORK[0])
        machine.disk.fault = once(machine.disk.operations + 1, apsw.IOError)
        with pytest.raises(StoreBroken):
            database.apply(token, WORK[1])
        for call in (
            lambda: database.apply(token, WORK[1]),
            lambda: database.page(token, None, None),
            lambda: database.payloads([1]),
            lambda: database.acquire(0, "b", 1),
        ):
            with pytest.raises(StoreBroken):
                call()


def test_a_failed_sync_while_the_log_is_copied_stops_the_store() -> None:
    machine = formatted()
    with machine.started() as database:
        token = token_of(database)
        database.apply(token, publish(1, size=300_000))

        def fail(_number: int, name: str) -> None:
            if name == "sync":
                raise apsw.IOError("planted")

        machine.disk.fault = fail
        database.tend()
        machine.disk.fault = None
        with pytest.raises(StoreBroken):
            database.apply(token, publish(2))
    assert look(machine) == applied({}, publish(1, size=300_000))


def test_a_commit_without_room_is_rolled_back_whole_and_goes_through_later() -> None:
    refused = 0
    for operation in WRITES:
        machine = formatted()
        machine.disk.fault = once(operation, apsw.FullError)
        rows: Rows = {}
        with machine.started() as database:
            token = token_of(database)
            for changes in WORK:
                try:
                    database.apply(token, changes)
                except StoreFull:
                    refused += 1
                    assert rows_of(database, token) == rows, operation
                    database.apply(token, changes)
                rows = applied(rows, changes)
                database.tend()
            assert rows_of(database, token) == rows, operation
        assert look(machine) == rows, operation
    assert refused > len(WRITES) / 2  # the others hit a copy of the log, which waits for room


class Spare(Space):
    """Space set aside on a disk in memory."""

    def __init__(self, machine: Machine, spare: int) -> None:
        self._machine = machine
        self._spare = spare
        super().__init__(Path(NAME), Options(reserve=0))

    def restore(self) -> None:
        self.spent = self._spare == 0

    def give_up(self) -> bool:
        if self.spent:
            return False
        assert self._machine.disk.capacity is not None
        self._machine.disk.capacity += self._spare
        self._spare = 0
        self.spent = True
        return True


def test_on_a_full_disk_the_space_set_aside_lets_work_in_hand_be_finished() -> None:
    machine = formatted()
    with machine.started(Spare(machine, spare=400_000)) as database:
        token = token_of(database)
        for seq in range(1, 20):
            assert database.apply(token, publish(seq)) is False
        machine.disk.capacity = machine.disk.used()
        spent = []
        for seq in range(1, 20):
            finished: Row = (seq, 1, 3, 0, 1.0, 1, 2.0, None)
            spent.append(database.apply(token, {Table.HEADS: {seq: finished}}))
            database.tend()
        assert spent[-1] is True
        with pytest.raises(StoreFull):
            database.apply(token, publish(21, size=2_000_000))
        machine.disk.capacity = None
        database.apply(token, publish(21, size=2_000_000))
    rows = look(machine)
    assert len(rows) == 20
    assert [row[2] for row in rows.values()] == [3] * 19 + [1]


@pytest.mark.parametrize("cipher", ["sqlcipher", "aegis"])
def test_a_flipped_bit_in_any_page_is_found(cipher: str) -> None:
    machine = Machine(cipher=cipher)
    machine.format()
    with machine.started() as database:
        token = token_of(database)
        for seq in range(40):
            database.apply(token, publish(seq))
    content = machine.disk.files[NAME].seen
    found = 0
    for page in range(1, len(content) // 4096):
        content[page * 4096 + 1_000] ^= 1
        try:
            assert len(look(machine)) == 40  # a page that no load reads
        except DamagedFile:
            found += 1
        content[page * 4096 + 1_000] ^= 1
    assert found > 5
    assert len(look(machine)) == 40


def failing(_read: bytes) -> bytes:
    raise apsw.IOError("planted")


def worked() -> tuple[Machine, Rows]:
    machine = formatted()
    rows: Rows = {}
    with machine.started() as database:
        token = token_of(database)
        for changes in WORK:
            database.apply(token, changes)
            rows = applied(rows, changes)
    return machine, rows


def test_a_read_that_fails_gives_no_wrong_rows() -> None:
    machine, rows = worked()
    stopped = 0
    for number in range(30):
        reads = iter(range(1_000))
        machine.disk.reading = lambda read, reads=reads, number=number: (
            failing(read) if next(reads) == number else read
        )
        try:
            with machine.started() as database:
                assert rows_of(database, token_of(database)) == rows
        except (StoreError, apsw.Error):
            stopped += 1
        machine.disk.reading = None
        assert look(machine) == rows
    assert stopped > 10


def test_a_file_that_ends_early_does_not_open() -> None:
    machine, rows = worked()
    content = machine.disk.files[NAME].seen
    whole = bytes(content)
    for pages in range(len(whole) // 4096):
        content[:] = whole[: pages * 4096]
        if pages == 0:
            continue  # to SQLite an empty file is a new one: `opening.examine` refuses it
        with pytest.raises((StoreError, apsw.Error)):
            look(machine)
    content[:] = whole
    assert look(machine) == rows
