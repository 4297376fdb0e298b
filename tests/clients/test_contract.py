"""What every client promises: over lines and HTTP, blocking and not, and in virtual time."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import pytest

from jobyard import calls, managing
from jobyard.errors import (
    BadArgument,
    Forbidden,
    InvalidValue,
    NotFound,
    NotOverHttp,
    ReservationLost,
    Unavailable,
    WrongState,
)  # fmt: skip
from jobyard.job import Job, Published
from jobyard.options import NewJob
from jobyard.words import Call
from tests.acceptance.served import Server, settings
from tests.clients.kinds import KINDS, Body, run

Run = Callable[[Body], None]
EVERY_BYTE: Final = bytes(range(256))
ODD: Final = ("a/b c", "..", ".", "%2F", "ü?x=1&y#z", "{queue}", "+")
"""Names that a URL has other uses for."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    said = settings(http={"port": 0})
    served = Server(tmp_path_factory.mktemp("contract"), said).start()
    yield served
    served.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def under_test(kind: str, server: Server) -> Run:
    return partial(run, kind, server)


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def test_a_job_from_end_to_end(under_test: Run, queue: str) -> None:
    async def body(client: Any) -> None:
        made = await client.publish(
            queue, "hi", {"n": 1}, priority=-2, delay=0, max_attempts=None,
            backoff={"min": 1, "max": 9, "factor": 2, "jitter": 0}, unique_key="5", lease=30,
            unique_scope="unfinished", time_to_live=60.5, run_limit=9, on_lapse="fail",
            keep_done=60, keep_failed=70,
        )  # fmt: skip
        assert made == Published(made.job)
        again = await client.publish(queue, "hi", unique_key="5", unique_scope=30.5)
        assert again == Published(made.job, existing=True)
        [job] = await client.reserve(queue, ["hi", "ho"], limit=5, wait=1, lease=20)
        assert isinstance(job, Job)
        assert (job.id, job.type, job.state, job.json()) == (made.job, "hi", "reserved", {"n": 1})
        assert (job.content_type, job.priority, job.max_attempts) == ("application/json", -2, None)
        assert (job.run_limit, job.lease, job.queue) == (9.0, 30.0, queue)
        await client.started(job)
        await client.touch(job, lease=40)
        await client.progress(job, 0.25, "quarter")
        await client.log(job, "line")
        await client.checkpoint(job, EVERY_BYTE)
        await client.fail(job, "no", error_type="E", trace="T", delay=0)
        [again] = await client.reserve(queue)
        assert (again.checkpoint, again.attempts) == (EVERY_BYTE, 2)
        with pytest.raises(ReservationLost) as lost:
            await client.done(job)
        assert lost.value.code == "reservation-lost"
        assert lost.value.sentence
        await client.release(again)
        [last] = await client.reserve_any(["none-such", queue])
        await client.done(last, EVERY_BYTE)
        seen = await client.wait(last, 5)
        assert (seen.state, seen.result, seen.note, seen.error) == (
            "done", EVERY_BYTE, "quarter", "no",
        )  # fmt: skip
        assert [line for _, line in seen.log] == ["line"]
        assert (seen.progress, seen.over, seen.attempts) == (0.25, True, 2)
        assert await client.get(seen) == seen

    under_test(body)


def test_what_waits_is_changed(under_test: Run, queue: str) -> None:
    async def body(client: Any) -> None:
        ids = await client.publish_many(
            queue, [NewJob("t", "0"), NewJob("t", EVERY_BYTE), NewJob("u", {"n": 2}, {"delay": 60})]
        )
        assert len({one.job for one in ids}) == 3
        one, two = await client.reserve(queue, limit=3)
        assert (one.payload, two.payload) == (b"0", EVERY_BYTE)
        await client.fail(one, "no", error_type="Boom", retry=False)
        await client.release(two)
        await client.cancel(ids[2].job)
        states = [(await client.get(each.job)).state for each in ids]
        assert states == ["failed", "ready", "canceled"]
        await client.reset(one)
        with pytest.raises(WrongState):
            await client.reset(one)
        await client.edit(two, priority=-5, payload=b"\xfe")
        [first] = await client.reserve(queue)
        assert (first.id, first.payload) == (two.id, b"\xfe")
        counted = await client.counts(queue)
        assert (counted.states["ready"], counted.types["u"]["canceled"]) == (1, 1)
        assert (counted.states["reserved"], counted.published, counted.paused) == (1, 3, False)
        page = await client.list(queue, ["canceled", "ready"], limit=1)
        assert [job.id for job in page.jobs] == [one.id]
        rest = await client.list(queue, ["canceled", "ready"], after=page.next)
        assert [job.id for job in rest.jobs] == [ids[2].job]
        assert (await client.list(queue, type="u")).jobs == rest.jobs
        await client.move(one, f"{queue}-there")
        assert (await client.get(one)).queue == f"{queue}-there"
        await client.delete(one)
        with pytest.raises(NotFound):
            await client.get(one)
        await client.purge(queue)
        assert (await client.list(queue)).jobs == ()

    under_test(body)


def test_a_queue_is_looked_after(under_test: Run, queue: str) -> None:
    async def body(client: Any) -> None:
        await client.set_recurrence(queue, "tick", "@daily", b"\xff", zone="Europe/Berlin")
        assert await client.workers(queue) == {"workers": []}
        [found] = (await client.recurrences(queue))["recurrences"]
        assert (found["zone"], found["payload"], found["paused"]) == (
            "Europe/Berlin", b"\xff", False,
        )  # fmt: skip
        await client.pause_recurrence(queue, found["number"])
        await client.run_recurrence(queue, found["number"])
        assert (await client.counts(queue)).types["tick"]["ready"] == 1
        await client.drop_recurrence(queue, found["number"])
        assert len((await client.preview_cron("@hourly", 3, "UTC"))["ticks"]) == 3
        shown = await client.describe(queue)
        assert (shown["name"], shown["counts"]["states"][1]) == (queue, 1)
        await client.pause(queue)
        assert (await client.counts(queue)).paused
        assert await client.reserve(queue, wait=0) == ()
        [waits] = (await client.list(queue)).jobs
        assert (await client.explain(waits))["reason"] == "paused"
        assert (await client.explain_queue(queue))["reason"] == "paused"
        await client.resume(queue)
        await client.retry_failed_now(queue)
        await client.kick_all(queue)
        with pytest.raises(NotFound):
            await client.kick(queue, "127.0.0.1:1")
        await client.set_access(queue, readers=["shop"])
        await client.drain(queue)
        with pytest.raises(Unavailable):
            await client.publish(queue, "hi")
        await client.delete_queue(queue)
        with pytest.raises(NotFound):
            await client.counts(queue)

    under_test(body)


def test_a_request_said_twice_has_one_effect(under_test: Run, queue: str) -> None:
    kept = {"id": f"{queue}-1"[-64:], "state": "done", "created_at": 1, "updated_at": 2,
            "result": b"\xff", "keep_done": 3e9}  # fmt: skip

    async def body(client: Any) -> None:
        once: Call[object] = calls.publish(queue, "hi", b"x")
        assert await client.call(once) == await client.call(once)
        bulk = calls.publish_many(queue, [NewJob("hi", "a"), NewJob("hi", b"\xff")])
        assert await client.call(bulk) == await client.call(bulk)
        assert (await client.counts(queue)).states["ready"] == 3
        taken = [await client.adopt(queue, [kept]) for _ in range(2)]
        assert [(one.added, one.skipped) for one in taken] == [(1, 0), (0, 1)]
        assert (await client.get(kept["id"])).result == b"\xff"

    under_test(body)


def test_refusals_come_in_their_families(under_test: Run, queue: str) -> None:
    async def body(client: Any) -> None:
        for wrong, family in (
            (calls.get("nobody"), NotFound),
            (calls.counts("not-there"), NotFound),
            (calls.publish("a\nb", "t"), InvalidValue),
            (calls.publish("", "t"), InvalidValue),
            (calls.publish("q" * 201, "t"), InvalidValue),
            (calls.publish("q", "t", unique_scope="never"), InvalidValue),
            (calls.publish("q", "t", priority=2**63 - 1), InvalidValue),
            (calls.reserve("q", limit=0), InvalidValue),
            (calls.reserve("q", wait=-1), InvalidValue),
            (calls.wait("nobody", 1e12), InvalidValue),
            (managing.preview_cron("never"), InvalidValue),
            (calls.execute("NONSENSE"), InvalidValue),
            (calls.execute("GET"), InvalidValue),
            (calls.execute("GET", "j", "NAME"), InvalidValue),
            (calls.execute("GET", "j", "NAME", "x"), InvalidValue),
            (calls.execute("RESERVE", "q", "LIMIT", "1_000"), InvalidValue),
            (calls.execute("RESERVE", "q", "LIMIT", "٣"), InvalidValue),
            (calls.execute("RESERVE", "q", "LIMIT", "9" * 5_000), InvalidValue),
            (calls.execute("RESERVE", "q", "WAIT", "nan"), InvalidValue),
            (calls.execute("RESERVE", "q", "WAIT", "1e999"), InvalidValue),
            (calls.execute("RESERVE", "q", "TYPES", "[" * 100_000), InvalidValue),
            (calls.execute("LIST", "q", "STATES", '["odd"]'), InvalidValue),
            (calls.execute("FAIL", "j", "RETRY", "yes"), InvalidValue),
        ):
            with pytest.raises(family) as caught:
                await client.call(wrong)
            assert caught.value.code
        with pytest.raises(BadArgument):
            await client.publish("q", "\udc80")
        with pytest.raises(BadArgument):
            await client.reserve("q", "types")

    under_test(body)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "virtual"])
def test_many_are_said_in_their_order(under_test: Run, queue: str) -> None:
    async def body(client: Any) -> None:
        first, second = calls.publish(queue, "t", "1"), calls.publish(queue, "t", "2")
        told = await client.call_many([first, calls.get("nobody"), second])
        assert isinstance(told[1], NotFound)
        assert [job.id for job in (await client.list(queue)).jobs] == [told[0].job, told[2].job]

    under_test(body)


@pytest.mark.parametrize("name", ODD)
def test_any_name_is_found_again(under_test: Run, kind: str, name: str) -> None:
    async def body(client: Any) -> None:
        made = await client.publish(f"{name}", f"{kind} {name}", name)
        [job] = (await client.list(name, type=f"{kind} {name}")).jobs
        assert (job.id, job.queue, job.payload) == (made.job, name, name.encode())
        assert (await client.describe(name))["name"] == name

    under_test(body)


def test_accounts_take_an_administrator(under_test: Run, kind: str) -> None:
    async def body(client: Any) -> None:
        for ask in (client.users, client.groups, client.tokens, client.audit):
            with pytest.raises(Forbidden):
                await ask()
        with pytest.raises(Forbidden):
            await client.add_user("new", "a password", {"yard": ["read"]})
        with pytest.raises(Forbidden):
            await client.add_token("new", "yard", ["read"], lifetime=60)

    under_test(body)


OVER_HTTP: Final = {
    "push": calls.subscribe("q"),
    "stop pushing": calls.execute("UNSUBSCRIBE_PUSH", "q"),
    "report": calls.execute("REPORT", "j", "done"),
    "write a state": calls.execute("WRITE_STATUS", "j", "done"),
    "describe with jobs": managing.describe("q", 5),
    "describe every queue": calls.execute("DESCRIBE_ALL"),
    "dump": calls.execute("DUMP"),
    "retry everywhere": calls.execute("RETRY_ALL_NOW"),
}
"""All that HTTP cannot do."""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("http")])
@pytest.mark.parametrize("what", OVER_HTTP)
def test_what_http_cannot_do_is_said(server: Server, kind: str, what: str) -> None:
    async def body(client: Any) -> None:
        with pytest.raises(NotOverHttp, match=r"\w+ has no .+"):
            await client.call(OVER_HTTP[what])

    run(kind, server, body)
