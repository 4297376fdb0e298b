"""Who may do what over both JobEngine dialects, and what an engine's refusals look like."""

import hashlib
from typing import Any

import pytest
from trio.testing import MockClock

from config.declared import DeclaredQueue
from config.sections import JobEngine
from config.settings import Settings
from config.users import Grant, User
from engine.access import MEMBER, Principal, Right, caller
from engine.commands import Drain, Publish, Release
from engine.queue_access import QueueAccess
from engine.replies import Code, Granted, Ok, Refused, Reply
from engine.testing import ScriptedEngine
from frontends.http.exchange import Request, Response, Speaks
from frontends.http.jobengine.v0 import JobEngineV0
from frontends.http.jobengine.v1 import JobEngineV1
from frontends.http.site import Site
from tests.frontends.scripted import job
from tests.support.declaring import declare
from tests.support.sites import memory_site

QUEUES = (DeclaredQueue("q", ("reader", "both"), ("writer", "both")),)
USERS = (
    User("ada", password="enchantress", groups=(Grant("default"),)),
    User("eve", password="enchantress", groups=(Grant("other"),)),
    User("bob", password="enchantress", groups=(Grant("default", rights=("read", "publish")),)),
)
NEW_QUEUE = b'{"name":"n","access_key":"k"}'
JSON = {b"content-type": b"application/json"}


def settings(**jobengine: Any) -> Settings:
    return Settings(jobengine=JobEngine(queues=QUEUES, **jobengine), users=USERS)


def v0(name: str, path: str = "/next", method: str = "GET", **more: Any) -> Request:
    path = f"/api/v1/jobs{path}"
    headers = {b"x-name": name.encode(), b"x-queue": b"q", **JSON}
    return Request(method, path, path.encode(), headers=headers, **more)


def v1(method: str, path: str, query: bytes = b"", **more: Any) -> Request:
    headers = {b"x-access-key": b"k", **JSON, **more.pop("headers", {})}
    return Request(method, path, path.encode(), query, headers, **more)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("reader", (204, 204, 404, 403)),
        ("writer", (403, 403, 400, 400)),
        ("both", (204, 204, 400, 400)),
        ("stranger", (404, 404, 404, 404)),
    ],
)
async def test_lists_say_who_may(
    autojump_clock: MockClock, name: str, statuses: tuple[int, ...]
) -> None:
    async with memory_site(settings()) as site:
        await declare(site)
        dialect = JobEngineV0(site)
        requests = (v0(name), v0(name, ""), v0(name, "/create", "PUT"), v0(name, "/uid", "POST"))
        assert [await status(dialect, each) for each in requests] == list(statuses)


@pytest.mark.parametrize(("trusted", "expected"), [(False, 403), (True, 204)])
async def test_a_name_from_another_machine_counts_where_it_is_trusted(
    autojump_clock: MockClock, trusted: bool, expected: int
) -> None:
    async with memory_site(settings(trust_names=trusted)) as site:
        await declare(site)
        assert await status(JobEngineV0(site), v0("reader", local=False)) == expected


@pytest.mark.parametrize(
    ("open_queues", "user", "expected"),
    [
        (True, None, 201),
        (False, None, 401),
        (False, b"YWRhOmVuY2hhbnRyZXNz", 201),
        (False, b"YWRhOndyb25n", 401),
        (False, b"ZXZlOmVuY2hhbnRyZXNz", 403),
        (False, b"Ym9iOmVuY2hhbnRyZXNz", 403),
    ],
)
async def test_from_another_machine_only_who_manages_makes_queues(
    autojump_clock: MockClock, open_queues: bool, user: bytes | None, expected: int
) -> None:
    headers = {} if user is None else {b"authorization": b"Basic " + user}
    async with memory_site(settings(open_queues=open_queues)) as site:
        request = v1(
            "PUT", "/api/v1/queue", body=NEW_QUEUE, local=False, encrypted=True, headers=headers
        )
        assert await status(JobEngineV1(site), request) == expected
        assert (site.engine.access("default", "n") is not None) == (expected == 201)


async def test_a_queue_without_a_key_is_unknown_to_v1(autojump_clock: MockClock) -> None:
    who = caller(Principal("a", {"default": MEMBER}), "default")
    async with memory_site(settings()) as site:
        dialect = JobEngineV1(site)
        await site.engine.execute(who, Publish("theirs", "", b""))
        assert await status(dialect, v1("GET", "/api/v1/queue", b"name=theirs")) == 404
        body = b'{"name":"theirs","access_key":"k"}'
        assert await status(dialect, v1("PUT", "/api/v1/queue", body=body)) == 409
        assert await status(dialect, v1("GET", "/api/v1/queue", b"name=theirs")) == 404


async def test_a_key_opens_its_own_queue_only(autojump_clock: MockClock) -> None:
    async with memory_site(settings()) as site:
        dialect = JobEngineV1(site)
        for name, key in ((b"one", b"k"), (b"two", b"other")):
            body = b'{"name":"%b","access_key":"%b"}' % (name, key)
            assert await status(dialect, v1("PUT", "/api/v1/queue", body=body)) == 201
        new = b'{"queue_name":"one","job":{}}'
        made = await dialect.answer(v1("PUT", "/api/v1/job", body=new))
        assert made is not None
        uid = made.body.split(b'"uid":"')[1][:36]
        other = {b"x-access-key": b"other"}
        for method in ("GET", "DELETE"):
            query = b"queueName=two&jobUID=" + uid
            assert await status(dialect, v1(method, "/api/v1/job", query, headers=other)) == 404
        body = b'{"queue_name":"two","uid":"%b","new_status":"complete"}' % uid
        assert await status(dialect, v1("POST", "/api/v1/job", body=body, headers=other)) == 404
        query = b"queueName=one&jobUID=" + uid
        assert await status(dialect, v1("GET", "/api/v1/job", query, headers=other)) == 401
        assert await status(dialect, v1("GET", "/api/v1/job", query)) == 200


@pytest.mark.parametrize("key", [b"\xff\x00", "ключ".encode(), b"k" * 10_000, b"K"])
async def test_any_bytes_may_be_said_for_a_key(autojump_clock: MockClock, key: bytes) -> None:
    async with memory_site(settings()) as site:
        dialect = JobEngineV1(site)
        assert await status(dialect, v1("PUT", "/api/v1/queue", body=NEW_QUEUE)) == 201
        wrong = v1("GET", "/api/v1/queue", b"name=n", headers={b"x-access-key": key})
        assert await status(dialect, wrong) == 401


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Refused(Code.STORAGE_FULL), 507),
        (Refused(Code.TOO_MANY_JOBS), 400),
        (Refused(Code.INTERNAL), 500),
        (Refused(Code.STOPPING), 503),
        (Refused(Code.UNKNOWN_QUEUE), 404),
    ],
)
async def test_what_the_originals_do_not_know_is_told(reply: Reply, expected: int) -> None:
    engine = scripted(reply)
    answer = await JobEngineV0(site_of(engine)).answer(v0("reader", ""))
    assert answer is not None
    assert answer.status == expected
    told = b"" if expected == 404 else reply.code.value.encode()  # type: ignore[union-attr]
    assert told in answer.body
    assert bool(answer.body) == (expected != 404)


async def test_a_draining_queue_takes_nothing(autojump_clock: MockClock) -> None:
    who = caller(Principal("a", {"default": MEMBER}), "default")
    async with memory_site(settings()) as site:
        await declare(site)
        assert await site.engine.execute(who, Drain("q")) == Ok()
        body = b'{"content":{},"valid_for":1,"priority":1}'
        assert await status(JobEngineV0(site), v0("writer", "/create", "PUT", body=body)) == 409


async def test_a_job_whose_answer_cannot_be_written_goes_back() -> None:
    for dialect, request in (
        (JobEngineV0, v0("reader")),
        (JobEngineV1, v1("GET", "/api/v1/job/next", b"queueName=q&markQueued=True")),
    ):
        engine = scripted(Granted((held_job("held-1"),)), Ok())
        answer = await dialect(site_of(engine)).answer(request)
        assert isinstance(answer, Response)
        assert answer.undo is not None
        answer.undo()
        assert engine.commands[1] == Release("job-1", "held-1")
        rights = engine.asked[1].who.rights
        assert rights & Right.WORK


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/jobsx", "/api/v1/queue/", "/console"])
async def test_other_paths_are_nobodys_on_the_main_listener(path: str) -> None:
    site = site_of(scripted())
    request = Request("GET", path, path.encode(), speaks=Speaks.EVERYTHING)
    assert await JobEngineV0(site).answer(request) is None
    assert await JobEngineV1(site).answer(request) is None


async def status(dialect: JobEngineV0 | JobEngineV1, request: Request) -> int:
    answer = await dialect.answer(request)
    assert answer is not None
    return answer.status


def scripted(*replies: Reply) -> ScriptedEngine:
    engine = ScriptedEngine(*replies)
    key = engine.fingerprint(hashlib.sha512(b"k").hexdigest())
    engine.accesses["default", "q"] = QueueAccess(key, ("reader",), ("writer",), declared=True)
    return engine


def site_of(engine: ScriptedEngine) -> Site:
    login: Any = None
    return Site(engine, login, settings(), tuple, float, "0", 0.0)


def held_job(reservation: str) -> Any:
    shown = job()
    shown.reservation = reservation
    return shown
