"""A cable is pulled: hosts are gone without a word, and the server finds out by itself."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from jobyard.errors import ReservationLost
from tests.acceptance.line import array
from tests.faults.networks import missing
from tests.faults.yard import LEASE, LINES, RPC, WEB, Yard, granted

CROWD: Final = 500
LONG: Final = 600.0
"""Seconds that a job may be held without a word."""
PROMPT: Final = 2.0
"""Seconds within which anybody is answered, on a busy machine."""


def opened(folder: Path, program: str) -> Iterator[Yard]:
    if why := missing():
        pytest.skip(why)
    with Yard.open(folder, program) as made:
        yield made


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """One that finds out within seconds."""
    yield from opened(tmp_path_factory.mktemp("yard"), "tests.faults.impatient_server")


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Yard]:
    """One with the keepalive that everybody has."""
    yield from opened(tmp_path, "jobyard")


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def publish(yard: Yard, queue: str) -> str:
    made = yard.ask(yard.boss.publish, queue, "t", b"p", backoff={"fixed": 0}, lease=LONG)
    job: str = made.job
    return job


def look(yard: Yard, job: str) -> Any:
    return yard.ask(yard.boss.get, job)


def come_back(yard: Yard, queue: str, job: str) -> tuple[int, int]:
    """Wait until it can be taken anew: how often it lapsed and was disconnected by then."""
    (again,) = yard.ask(yard.boss.reserve, queue, wait=100.0)
    assert again.id == job
    yard.ask(yard.boss.done, again)
    return again.lapses, again.disconnects


def test_the_jobs_of_a_host_that_is_gone_come_back(yard: Yard, closing: ExitStack) -> None:
    jobs = {queue: publish(yard, queue) for queue in ("push", "web", "rpc", "pull")}
    line = closing.enter_context(yard.line())
    jobs["lines"] = line.publish("lines")
    assert line.ask("SUBSCRIBE lines") == "OK"
    assert line.pushed()["ID"] == jobs["lines"]
    assert line.update(jobs["lines"], "in-progress") == "OK"
    push = closing.enter_context(yard.line())
    push.send(array("SUBSCRIBE_PUSH", "push"))
    push.take(jobs["push"].encode())
    web = closing.enter_context(yard.web("POST", "/api/v2/queues/web/reserve", {"lease": LEASE}))
    assert granted(web) == jobs["web"]
    rpc = closing.enter_context(yard.rpc())
    rpc.call("reserve", {"queue": "rpc"})
    client = yard.client()
    (held,) = yard.near(client.reserve, "pull")
    yard.cable.cut()
    try:
        found = {queue: come_back(yard, queue, jobs[queue]) for queue in sorted(jobs)}
    finally:
        yard.cable.mend()
    assert found == {
        "lines": (1, 0),  # by the limit of silence
        "web": (1, 0),  # by its lease
        "push": (0, 1),  # by the end of the connection
        "rpc": (0, 1),
        "pull": (0, 1),
    }
    with pytest.raises(ReservationLost):
        yard.near(client.done, held)
    yard.near(client.close)


def test_who_listened_and_waited_leaves_nothing_behind(yard: Yard, closing: ExitStack) -> None:
    base = yard.at_rest()
    queues = ("web-waits", "rpc-waits", "line-waits")
    stream = closing.enter_context(yard.web("GET", "/api/v2/events"))
    stream.take(b"retry: ")
    path = "/api/v2/queues/web-waits/reserve"
    closing.enter_context(yard.web("POST", path, {"wait": 60}))
    rpc = closing.enter_context(yard.rpc())
    # Calls are answered as they finish: the second answer says that the first one waits.
    rpc.tell({"method": "reserve", "params": {"queue": "rpc-waits", "wait": 60}, "id": "waits"})
    rpc.ask({"method": "counts", "params": {"queue": "q"}})
    line = closing.enter_context(yard.line())
    line.send(array("RESERVE", "line-waits", "WAIT", "60"))
    for port, begun in ((WEB, b"POST / HTTP/1.1\r\nHost:"), (LINES, b"PUBLISH q"), (RPC, b'{"id')):
        half = closing.enter_context(yard.cable.near.connect(port))
        half.sendall(begun)
    during = yard.remains()
    assert during.connections == {"lines": 3, "http": 3, "rpc": 2}
    assert during.listeners == 1
    yard.cable.cut()
    try:
        assert yard.is_back(base), yard.remains()
        for queue in queues:
            assert look(yard, publish(yard, queue)).state == "ready"
    finally:
        yard.cable.mend()


def test_five_hundred_that_are_half_open_keep_nobody_waiting(
    yard: Yard, closing: ExitStack
) -> None:
    base = yard.at_rest()
    connect = yard.cable.near.connect
    for number in range(CROWD):
        port = (LINES, LINES, WEB, RPC)[number % 4]
        client = closing.enter_context(connect(port))
        if port == LINES:
            client.sendall(b"PING\n" if number % 8 else b"AUTH ada enchantress\nUSE_GROUP yard\n")
    assert yard.remains().connections["lines"] >= CROWD // 2
    yard.cable.cut()
    try:
        assert yard.answers_within(50) < PROMPT
        assert yard.is_back(base), yard.remains()
        assert yard.answers_within(50) < PROMPT
    finally:
        yard.cable.mend()


def test_a_client_whose_server_died_unseen_comes_back(yard: Yard) -> None:
    client = yard.client()
    yard.cable.cut()
    yard.server.kill()
    yard.server.start()
    yard.cable.mend()
    made = yard.near(client.publish, "again", "t", b"p")
    assert yard.ask(yard.boss.counts, "again").states["ready"] == 1
    assert look(yard, made.job).payload == b"p"
    yard.near(client.close)


@pytest.mark.nightly
def test_a_cut_that_is_mended_in_time_costs_nothing(patient: Yard) -> None:
    client = patient.client()
    line = patient.line()
    with line:
        line.send(array("SUBSCRIBE_PUSH", "q"))
        line.take(b"OK")
        patient.cable.cut()
        job = publish(patient, "q")
        assert look(patient, job).state == "reserved"
        patient.cable.mend()
        line.take(job.encode())
        line.send(array("DONE", job))
        line.take(b"OK")
    assert look(patient, job).disconnects == 0
    patient.near(client.close)


@pytest.mark.nightly
def test_the_keepalive_that_everybody_has_finds_a_host_that_is_gone(patient: Yard) -> None:
    base = patient.at_rest()
    job = publish(patient, "q")
    line = patient.line()
    with line:
        line.send(array("SUBSCRIBE_PUSH", "q"))
        line.take(job.encode())
        patient.cable.cut()
        assert come_back(patient, "q", job) == (0, 1)
        assert patient.is_back(base)


@pytest.mark.nightly
def test_a_worker_that_only_waits_finds_out_that_its_server_is_another(patient: Yard) -> None:
    with patient.worker():
        for text in (b"olleh", b"niaga"):
            job = patient.ask(patient.boss.publish, "examples", "reverse", text).job
            done = patient.ask(patient.boss.wait, job, 60.0)
            assert (done.state, done.result) == ("done", text[::-1])
            if text == b"olleh":
                patient.cable.cut()
                patient.server.kill()
                patient.server.start()
                patient.cable.mend()
