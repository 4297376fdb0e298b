"""Jobs that are pushed to a client that blocks."""

from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest

from jobyard.blocking import BlockingClient
from jobyard.dialing import Backoff
from jobyard.errors import ConnectionLost, Refusal, Unreachable
from jobyard.pushes import Canceled
from tests.clients.yard import Line, Yard, packed

SOON = Backoff(0.001, 0.002)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


@pytest.fixture
def client(yard: Yard) -> Iterator[BlockingClient]:
    with BlockingClient(yard.url, patience=0.05, backoff=SOON) as client:
        yield client


def test_jobs_come_in_order_and_are_ended_by_the_client(yard: Yard, client: BlockingClient) -> None:
    for number in range(5):
        yard.publish("mail", "hi", b"%d" % number)
    seen = []
    with closing(client.subscribe("mail", credit=2)) as jobs:
        for job in jobs:
            seen.append(job.payload)
            client.done(job)
            if len(seen) == 5:
                break
    assert seen == [b"%d" % number for number in range(5)]
    assert {job["state"] for job in yard.jobs.values()} == {"done"}


def test_a_job_that_comes_later_is_waited_for(yard: Yard, client: BlockingClient) -> None:
    def later() -> None:
        yard.wait_for(lambda: yard.heard["SUBSCRIBE_PUSH"] > 0)
        yard.publish("mail", "hi", b"late")

    thread = Thread(target=later)
    thread.start()
    job = next(client.subscribe("mail"))
    thread.join()
    assert job.payload == b"late"


def test_who_leaves_the_loop_keeps_what_is_in_hand(yard: Yard, client: BlockingClient) -> None:
    for number in range(3):
        yard.publish("mail", "hi", b"%d" % number)
    with closing(client.subscribe("mail", credit=3)) as jobs:
        job = next(jobs)
    assert [one["state"] for one in yard.jobs.values()] == ["reserved", "ready", "ready"]
    assert yard.heard["UNSUBSCRIBE_PUSH"] == 1
    client.done(job)
    assert yard.jobs[job.id]["state"] == "done"


def test_it_goes_on_over_the_next_connection(yard: Yard, client: BlockingClient) -> None:
    yard.publish("mail", "hi", b"one")
    with closing(client.subscribe("mail")) as jobs:
        client.done(next(jobs))
        yard.cut()
        yard.wait_for(lambda: not yard.lines)
        yard.publish("mail", "hi", b"two")
        job = next(jobs)
        assert job.payload == b"two"
        client.done(job)
    assert yard.heard["SUBSCRIBE_PUSH"] == 2


def test_a_holder_hears_of_a_cancellation(yard: Yard, client: BlockingClient) -> None:
    said: list[Canceled] = []
    yard.publish("mail", "hi")
    with closing(client.subscribe("mail", on_cancel=said.append)) as jobs:
        job = next(jobs)
        client.cancel(job)
        client.release(job)
    assert said == [Canceled(job.id, job.reservation or "")]


def test_a_refusal_ends_it(yard: Yard, client: BlockingClient) -> None:
    yard.scripts["SUBSCRIBE_PUSH"] = lambda *_: b"-ERR forbidden you may not\r\n"
    jobs = client.subscribe("mail")
    with pytest.raises(Refusal, match="forbidden"):
        next(jobs)
    assert list(jobs) == []
    assert client.counts("mail").published == 1


def test_a_server_that_is_gone_is_looked_for_in_vain(yard: Yard, client: BlockingClient) -> None:
    yard.publish("mail", "hi")
    jobs = client.subscribe("mail")
    next(jobs)
    yard.__exit__()
    yard.wait_for(lambda: not yard.lines)
    with pytest.raises((Unreachable, ConnectionLost)):
        next(jobs)


def test_an_answer_to_nothing_is_no_job(yard: Yard, client: BlockingClient) -> None:
    def confuse(line: Line, words: list[bytes]) -> bytes:
        if yard.heard["SUBSCRIBE_PUSH"] > 1:
            del yard.scripts["SUBSCRIBE_PUSH"]
            return yard.answer(line, words)
        return b"+OK\r\n" + packed("what")

    yard.publish("mail", "hi", b"one")
    yard.scripts["SUBSCRIBE_PUSH"] = confuse
    with closing(client.subscribe("mail")) as jobs:
        assert next(jobs).payload == b"one"
    assert yard.heard["HELLO"] == 2
