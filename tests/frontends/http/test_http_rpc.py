"""`POST /rpc`: calls, batches, who may, in which group, and jobs that nobody hears of."""

import json
from base64 import b64encode
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from config.sections import Http
from config.settings import Settings
from config.users import Grant, Group, User
from engine.access import MEMBER, Principal, caller
from engine.commands import Counts
from engine.job import JobState
from engine.replies import QueueCounts
from frontends.http.exchange import Request, Response
from frontends.http.rpc import Rpc
from frontends.http.site import Site
from tests.support.sites import memory_site

SETTINGS = Settings(
    groups=(Group("g"), Group("h")),
    users=(
        User("ada", password="secret", groups=(Grant("g"),)),
        User("both", password="secret", groups=(Grant("g"), Grant("h"))),
        User("root", password="secret", groups=(Grant("*"),)),
    ),
    http=Http(wait=5.0),
)
JSON = b"application/json"


def post(body: object, user: str = "ada", **headers: str) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    basic = b"Basic " + b64encode(f"{user}:secret".encode())
    found = {b"authorization": basic, b"content-type": JSON}
    found |= {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Request("POST", "/rpc", b"/rpc", body=raw, headers=found, address="127.0.0.1:5")


def call(method: str, params: object = None, number: object = 1) -> dict[str, Any]:
    said: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "id": number}
    return said if params is None else {**said, "params": params}


async def ask(site: Site, request: Request) -> Response:
    answer = await Rpc(site).answer(request)
    assert isinstance(answer, Response)
    return answer


async def told(site: Site, request: Request) -> Any:
    answer = await ask(site, request)
    assert answer.status == 200, answer
    assert dict(answer.headers)[b"content-type"] == JSON
    return json.loads(answer.body)


def code(answer: Any) -> str:
    found = answer["error"]["data"]["code"]
    assert isinstance(found, str)
    return found


async def states(site: Site) -> tuple[int, ...]:
    who = caller(Principal("x", {"g": MEMBER}), "g")
    found = await site.engine.execute(who, Counts("q"))
    assert isinstance(found, QueueCounts)
    return found.states


async def test_calls_one_by_one_and_in_batches(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        made = await told(site, post(call("enqueue", ["q", "t", "p"])))
        job = made["result"]["job"]
        batch = [
            call("get", [job], "a"),
            {"jsonrpc": "2.0", "method": "enqueue", "params": ["q", "t", "p"]},
            7,
            call("counts", ["q"], "b"),
        ]
        got, wrong, counts = await told(site, post(batch))
        assert (got["id"], got["result"]["job"]["id"]) == ("a", job)
        assert wrong["error"]["code"] == -32600
        assert (counts["id"], counts["result"]["states"]["ready"]) == ("b", 2)
        assert code(await told(site, post(call("login", ["ada", "secret"])))) == "unknown-command"
        assert (await told(site, post(b"{")))["error"]["code"] == -32700
        silent = await ask(site, post({"jsonrpc": "2.0", "method": "purge", "params": ["q"]}))
        assert (silent.status, silent.body) == (204, b"")


async def test_who_and_how(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        good = post(call("counts", ["q"]))
        assert await Rpc(site).answer(attrs.evolve(good, path="/rpc/")) is None
        assert (await ask(site, attrs.evolve(good, method="GET"))).status == 405
        assert (await ask(site, attrs.evolve(good, method="OPTIONS"))).status == 204
        assert (await ask(site, attrs.evolve(good, headers={}))).status == 401
        plain = {**good.headers, b"content-type": b"text/plain"}
        assert (await ask(site, attrs.evolve(good, headers=plain))).status == 415
        assert (await ask(site, attrs.evolve(good, query=b"group=g&group=h"))).status == 400


async def test_the_group_that_is_named(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        publish = call("enqueue", ["q", "t", "p"])
        assert code(await told(site, post(publish, "both"))) == "group-non-selected"
        assert "result" in await told(site, post(publish, "both", jobyard_group="h"))
        assert "result" in await told(site, attrs.evolve(post(publish, "both"), query=b"group=g"))
        assert code(await told(site, post(publish, "ada", jobyard_group="h"))) == "unknown-group"
        health = await told(site, post(call("health_counts"), "root"))
        assert health["result"]["queues"] == 2
        assert code(await told(site, post(call("dump"), "root"))) == "test-mode-disabled"
        assert code(await told(site, post(call("retry_all_now"), "root"))) == "dispatch-disabled"


async def test_a_wait_has_the_bound_of_requests(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        late = await told(site, post(call("reserve", {"queue": "q", "wait": 5.5})))
        assert code(late) == "invalid-value"
        began = trio.current_time()
        empty = await told(site, post(call("reserve", {"queue": "q", "wait": 5})))
        assert empty["result"] == {"jobs": []}
        assert trio.current_time() - began == pytest.approx(5)
        made = await told(site, post(call("enqueue", ["q", "t", "p"])))
        seen = await told(site, post(call("wait", [made["result"]["job"]])))
        assert seen["result"]["job"]["state"] == "ready"
        assert trio.current_time() - began == pytest.approx(10)


async def test_a_job_that_nobody_hears_of_comes_back(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        await told(site, post(call("enqueue", ["q", "t", "p"])))
        answer = await ask(site, post(call("reserve", ["q"])))
        assert (await states(site))[JobState.RESERVED] == 1
        assert answer.undo is not None
        answer.undo()
        assert (await states(site))[JobState.READY] == 1
        with trio.move_on_after(1) as scope:
            await ask(
                site,
                post(
                    [
                        call("reserve", ["q"]),
                        call("wait", {"job": "x"}),
                        call("reserve", {"queue": "other", "wait": 5}),
                    ]
                ),
            )
        assert scope.cancelled_caught
        assert (await states(site))[JobState.READY] == 1
        assert (await ask(site, post(call("counts", ["q"])))).undo is None


async def test_a_reservation_belongs_to_the_user(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        await told(site, post(call("enqueue", ["q", "t", "p"])))
        (held,) = (await told(site, post(call("reserve", ["q"]))))["result"]["jobs"]
        done = call("done", [held["id"], held["reservation"], "r"])
        assert code(await told(site, post(done, "root", jobyard_group="g"))) == "reservation-lost"
        assert (await told(site, post(done)))["result"] == {"ok": True}
        assert code(await told(site, post(call("subscribe_push", ["q"])))) == "forbidden"
