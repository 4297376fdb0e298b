"""The books of a simulation: what is missing shows, whatever else is in the queue."""

from jobyard.job import Job, State
from jobyard.simulation.account import HEADS, Account, cells


def job(number: int, state: State) -> Job:
    return Job(id=str(number), queue="q", type="t", state=state)


def booked() -> Account:
    account = Account(["tcp", "rpc"])
    for number in range(7):
        account.note("tcp" if number < 5 else "rpc", str(number))
    account.note_refused("rpc")
    return account


ALL: tuple[State, ...] = (
    "done", "failed", "canceled", "expired", "scheduled", "ready", "reserved",
)  # fmt: skip


def test_every_state_has_its_column() -> None:
    account = booked()
    assert (account.published, account.refused) == (7, 1)
    account.take_stock([job(number, state) for number, state in enumerate(ALL)])
    assert [cells(row) for row in account.rows()] == [
        ["tcp", "5", "1", "1", "2", "1", "0", "0", "0"],
        ["rpc", "2", "0", "0", "0", "1", "1", "0", "1"],
        ["all", "7", "1", "1", "2", "2", "1", "0", "1"],
    ]
    assert account.whole
    assert all(len(cells(row)) == len(HEADS) for row in account.rows())


def test_a_job_that_is_nowhere_is_missing() -> None:
    account = booked()
    account.take_stock([job(number, "done") for number in range(6)])
    assert [row.missing for row in account.rows()] == [0, 1, 1]
    assert not account.whole


def test_jobs_of_others_do_not_stand_in_for_ours() -> None:
    account = booked()
    account.take_stock([job(number, "done") for number in range(1, 9)])
    assert [row.missing for row in account.rows()] == [1, 0, 1]


def test_two_publishes_that_made_one_job_are_seen() -> None:
    account = Account(["tcp", "http"])
    account.note("tcp", "1")
    account.note("http", "1")
    account.take_stock([job(1, "done")])
    assert not account.whole


def test_stock_is_taken_page_after_page() -> None:
    account = booked()
    account.take_stock([job(number, "ready") for number in range(4)])
    assert not account.whole
    account.take_stock([job(number, "done") for number in range(4, 7)])
    assert (account.rows()[-1].waiting, account.rows()[-1].done) == (4, 3)
    assert account.whole


def test_a_job_that_is_listed_twice_is_no_other_job() -> None:
    account = booked()
    account.take_stock([job(0, "done"), *(job(number, "done") for number in range(6))])
    assert [row.missing for row in account.rows()] == [-1, 1, 0]
    assert not account.whole
