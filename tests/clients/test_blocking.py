import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from jobyard import calls
from jobyard.blocking import BlockingClient
from jobyard.dialing import Backoff
from jobyard.errors import (
    BadArgument,
    ConnectionLost,
    LoginRefused,
    NotFound,
    ProtocolError,
    Refusal,
    ReservationLost,
    Unavailable,
    Unreachable,
)  # fmt: skip
from jobyard.options import NewJob
from tests.clients.yard import Line, Yard

SOON = Backoff(0.001, 0.002)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


def test_a_job_goes_through_its_life(yard: Yard) -> None:
    with BlockingClient(yard.url) as client:
        assert client.reserve("mail") == ()
        published = client.publish("mail", "hi", "Ada")
        [job] = client.reserve("mail")
        assert (job.id, job.payload, job.state) == (published.job, b"Ada", "reserved")
        client.progress(job, 0.5)
        client.done(job, b"sent")
        over = client.wait(job)
        assert (over.state, over.result) == ("done", b"sent")
        with pytest.raises(ReservationLost) as caught:
            client.done(job)
        assert caught.value.code == "reservation-lost"
        with pytest.raises(NotFound):
            client.get("nothing")
        assert client.counts("mail").states["done"] == 1


def test_many_go_out_together(yard: Yard) -> None:
    with BlockingClient(yard.url) as client:
        ids = client.publish_many("mail", [NewJob("hi", str(n)) for n in range(1_000)])
        asked = [calls.get(each.job) for each in ids]
        told = client.call_many([*asked[:500], calls.get("none"), *asked[500:]])
        assert isinstance(told[500], NotFound)
        got = [job.payload for job in told if not isinstance(job, Refusal)]
        assert got == [str(n).encode() for n in range(1_000)]


def test_a_cut_connection_is_made_again(yard: Yard) -> None:
    with BlockingClient(yard.url, backoff=SOON) as client:
        client.publish("mail", "hi")
        assert yard.cut() == 1
        assert client.counts("mail").states["ready"] == 1
        assert yard.heard["HELLO"] == 2


def cut(line: Line, _: list[bytes]) -> bytes:
    line.plain.shutdown(2)
    return b""


def test_what_may_have_been_done_is_not_said_again(yard: Yard) -> None:
    yard.scripts["PURGE"] = cut
    with BlockingClient(yard.url, backoff=SOON) as client:
        with pytest.raises(ConnectionLost):
            client.purge("mail")
        assert yard.heard["PURGE"] == 1


def test_a_publish_said_again_names_the_same_request(yard: Yard) -> None:
    seen: list[bytes] = []

    def once(line: Line, words: list[bytes]) -> bytes:
        seen.append(words[-1])
        return cut(line, words) if len(seen) == 1 else b"%1\r\n+job\r\n+job-9\r\n"

    yard.scripts["ENQUEUE"] = once
    with BlockingClient(yard.url, backoff=SOON) as client:
        assert client.publish("mail", "hi").job == "job-9"
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_a_login_refused_is_not_tried_again(yard: Yard) -> None:
    wrong = yard.url.replace("secret", "guess")
    with pytest.raises(LoginRefused):
        BlockingClient(wrong, backoff=SOON).counts("mail")
    with pytest.raises(NotFound, match="unknown-group"):
        BlockingClient(yard.url + "x", backoff=SOON).counts("mail")
    assert yard.heard["HELLO"] == 2


def test_a_server_that_is_stopping_is_tried_again(yard: Yard) -> None:
    refused = iter([b"-ERR stopping the server is stopping\r\n"] * 3)
    yard.scripts["USE_GROUP"] = lambda *_: next(refused, b"+OK\r\n")
    client = BlockingClient(yard.url, backoff=SOON)
    assert client.counts("mail").paused is False
    assert yard.heard["HELLO"] == 4
    client.close()


def test_nobody_there_says_so_without_the_password(yard: Yard) -> None:
    url = yard.url
    yard.__exit__()
    with pytest.raises(Unreachable) as caught, BlockingClient(url):
        pass
    assert "secret" not in str(caught.value)
    with pytest.raises(Unreachable):
        BlockingClient(url, patience=0.01, backoff=SOON).counts("mail")


def test_a_server_that_talks_nonsense_is_left(yard: Yard) -> None:
    yard.scripts["COUNTS"] = lambda *_: b"HTTP/1.1 400\r\n"
    with BlockingClient(yard.url) as client:
        with pytest.raises(ProtocolError):
            client.counts("mail")
        yard.scripts.clear()
        assert client.counts("mail").paused is False
    yard.scripts["COUNTS"] = lambda *_: b"-ERR storage-full free some space\r\n"
    with BlockingClient(yard.url) as client, pytest.raises(Unavailable):
        client.counts("mail")


def test_an_argument_that_cannot_be_said_leaves_the_connection_whole(yard: Yard) -> None:
    with BlockingClient(yard.url) as client:
        with pytest.raises(BadArgument):
            client.publish("mail", "\udc80")
        assert client.publish("mail", "hi").job
        assert yard.heard["HELLO"] == 1


def test_threads_share_a_client(yard: Yard) -> None:
    with BlockingClient(yard.url) as client:
        threads = [
            threading.Thread(target=lambda n=n: client.publish("mail", "hi", str(n)))
            for n in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        payloads = sorted(int(job["payload"]) for job in yard.jobs.values())
    assert payloads == list(range(20))


def test_tls_checks_who_answers() -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with Yard(tls=serving) as yard:
        with BlockingClient(yard.url, ssl_context=trusting) as client:
            assert client.publish("mail", "hi").job
        with pytest.raises(Unreachable, match="certificate"), BlockingClient(yard.url):
            pass
