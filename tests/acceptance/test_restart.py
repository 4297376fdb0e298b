"""kill -9, and a start on the same store: what was promised is still there."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from attrs import frozen

from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings

RETRY: Final = 3.0
EARLY: Final = 0.05
"""Seconds that a test's clock may be off from the server's."""
LATE: Final = 1.0
PAYLOADS: Final = [f"{number} é \u2028 {'x' * number}" for number in range(60)]
LARGE: Final = [f"{number}" * 150_000 for number in range(8)]
RESIDENT: Final = 500_000
"""Bytes of payloads in memory: less than there are."""
TELLTALE: Final = "a-word-that-stands-out"


@frozen
class Before:
    """What was acknowledged before the kill."""

    began: float
    errored: str
    errored_at: float
    held: str
    whole: list[str]
    mixed: list[str]
    beats: list[str]


def client(server: Server) -> Line:
    return Line.to(server.port).log_in()


def arrange(server: Server) -> Before:
    """A queue in each state that a kill must not change."""
    began = time.time()
    with client(server) as one, client(server) as other:
        soon = datetime.now(UTC) + timedelta(minutes=30)
        assert one.ask("RECURRENT_JOB ticking beat '@every 1s'") == "OK#1"
        assert one.ask(f"RECURRENT_JOB rare a 'TZ=UTC {soon.minute} * * * *'") == "OK#2"
        assert one.ask("RECURRENT_JOB rare b '@hourly'") == "OK#3"
        assert one.ask("DELETE_RECURRENT_JOB 3") == "OK"
        assert one.ask("SUBSCRIBE ticking") == "OK"
        beat = one.pushed()["ID"]
        assert one.update(beat, "done") == "OK"
        assert one.ask("UNSUBSCRIBE ticking") == "OK"
        whole = [one.publish("whole", payload) for payload in PAYLOADS]
        one.publish("whole", TELLTALE)
        for payload in LARGE:
            one.publish("large", payload)
        for _ in range(20):
            one.publish("mixed")
        assert other.ask("SUBSCRIBE mixed") == "OK"
        for state in ("done", "errored"):
            assert other.update(other.pushed()["ID"], state) == "OK"
        other.pushed()
        one.publish("held")
        assert one.ask("SUBSCRIBE held") == "OK"
        held = one.pushed()["ID"]
        assert one.update(held, "in-progress") == "OK"
    with client(server) as one:
        assert one.ask("SUBSCRIBE late") == "OK"
        errored = one.publish("late")
        assert one.pushed()["ID"] == errored
        errored_at = time.time()
        assert one.update(errored, "errored") == "OK"
        assert one.ask("SUBSCRIBE held") == "OK"
        assert one.pushed()["ID"] == held
        beats = [job["ID"] for job in one.jobs("ticking")]
        mixed = one.states("mixed")
        server.kill()
    return Before(began, errored, errored_at, held, whole, mixed, beats)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    said = settings(job_timeout=3600, lines={"retry": RETRY}, limits={"resident": RESIDENT})
    made = Server(tmp_path_factory.mktemp("killed"), said)
    yield made.start()
    made.close()


@pytest.fixture(scope="module")
def before(server: Server) -> Before:
    arranged = arrange(server)
    server.start()
    return arranged


def test_an_errored_job_comes_at_its_time(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("SUBSCRIBE late") == "OK"
        due = max(before.errored_at + RETRY, time.time())
        job = one.pushed()
        assert (job["ID"], job["State"], job["Attempts"]) == (before.errored, "errored", 1)
        assert before.errored_at + RETRY - EARLY < time.time() < due + LATE
        assert one.update(job["ID"], "done") == "OK"


def test_a_job_that_the_dead_connection_held_comes_back(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("SUBSCRIBE held") == "OK"
        assert one.pushed()["ID"] == before.held
        assert one.update(before.held, "done") == "OK"


def test_a_recurrence_goes_on_and_no_tick_comes_twice(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("SUBSCRIBE ticking") == "OK"
        got: list[str] = []
        while len(got) < len(before.beats) + 2:
            got.append(one.pushed()["ID"])
            assert one.update(got[-1], "done") == "OK"
        beats = [job["ID"] for job in one.jobs("ticking")]
        assert beats[: len(before.beats)] == before.beats
        assert len(beats) <= time.time() - before.began + 1, "one job a second at most"
        began = time.time()
        one.pushed()
        assert time.time() - began < 1 + LATE


def test_a_tick_far_away_is_neither_made_up_nor_lost(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.jobs("rare") == []
        (kept,) = one.read("LIST_RECURRENT_JOBS rare")
        assert kept["EntryID"] == 2


def test_numbers_of_recurrences_go_on_counting(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("RECURRENT_JOB rare b '@hourly'") == "OK#4"
        assert one.ask("RECURRENT_JOB rare a '@daily'") == "OK#2"
        assert one.ask("DELETE_RECURRENT_JOB 4") == "OK"


def test_states_are_what_they_were(server: Server, before: Before) -> None:
    assert sorted(before.mixed) == sorted(["done", "errored", *["pending"] * 18])
    with client(server) as one:
        assert one.states("mixed") == before.mixed


def test_what_was_acknowledged_is_there_whole(server: Server, before: Before) -> None:
    with client(server) as one:
        found = one.jobs("whole")
    assert [job["ID"] for job in found][: len(PAYLOADS)] == before.whole
    assert [job["Payload"] for job in found] == [*PAYLOADS, TELLTALE]


def test_payloads_that_memory_does_not_hold_come_from_disk(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("SUBSCRIBE large") == "OK"
        for payload in LARGE:
            job = one.pushed()
            assert job["Payload"] == payload
            assert one.update(job["ID"], "done") == "OK"
        assert [job["Payload"] for job in one.jobs("large")] == LARGE


def test_counters_equal_a_recount(server: Server, before: Before) -> None:
    with client(server) as one:
        assert one.ask("DELETE_QUEUE ticking") == "OK"
        queues: list[dict[str, Any]] = one.read("LIST_QUEUES")
        health = one.read("HEALTH")
        assert health["NumQueues"] == len(queues)
        assert health["NumJobs"] == sum(len(one.jobs(each["Slug"])) for each in queues)


def test_the_file_shows_nothing_to_who_has_no_key(server: Server, before: Before) -> None:
    said = server.log.event("serving")
    assert said is not None
    assert said["encrypted"] == "sqlcipher"
    for file in server.store.iterdir():
        assert TELLTALE.encode() not in file.read_bytes()
    database = sqlite3.connect(f"file:{server.store / 'jobyard.db'}?mode=ro", uri=True)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        database.execute("SELECT * FROM sqlite_master").fetchall()
    database.close()
