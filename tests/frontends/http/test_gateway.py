"""The gateway beside what is recorded: bounds, logins that take time, and what goes on at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked

from config.sections import Http, LoginLimits
from config.settings import Settings
from config.users import Grant, Group, User
from engine import passwords
from engine.commands import Describe
from engine.replies import QueueView
from engine.testing import ScriptedEngine
from frontends.http.exchange import Request, Response
from frontends.http.gateway import Gateway
from frontends.http.site import Site
from frontends.login import KEY_BYTES, Login
from tests.support.sites import memory_site

HASH = passwords.DUMMY
SETTINGS = Settings(
    groups=(Group("g"),),
    users=(User("ada", password="secret", groups=(Grant("g"),)),),
    http=Http(gateway_commands=4),
)
IN = ("AUTH ada secret", "USE_GROUP g")


def post(*commands: str, **more: Any) -> Request:
    body = json.dumps({"commands": commands}).encode()
    return Request("POST", "/gateway", b"/gateway", body=body, address="127.0.0.1:5", **more)


async def ask(gateway: Gateway, *commands: str, **more: Any) -> tuple[int, Any]:
    answer = await gateway.answer(post(*commands, **more))
    assert isinstance(answer, Response)
    return answer.status, json.loads(answer.body)


def codes(body: Any) -> list[str]:
    return [error["code"] for error in body["errors"]]


async def test_other_paths_are_not_its_own(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        for path in ("/", "/gateway/", "/Gateway", "//gateway", "/gateway2"):
            assert await Gateway(site).answer(evolve(post("PING"), path=path)) is None


async def test_more_commands_than_allowed_are_not_run(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        gateway = Gateway(site)
        assert (await ask(gateway, *["PING"] * 4))[0] == 200
        status, body = await ask(gateway, *IN, "PUBLISH q t p", "PING", "PING")
        assert (status, codes(body)) == (400, ["invalid-body"])
        assert body["errors"][0]["message"] == "at most 4 commands in one request"
        assert await ask(gateway, *IN, "LIST_QUEUES") == (
            200, {"success": True, "data": ["Welcome!", "OK", None], "errors": []},
        )  # fmt: skip


async def test_a_newline_in_a_payload_is_part_of_it(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        gateway = Gateway(site)
        await ask(gateway, *IN, "PUBLISH q t 'a\nPURGE_JOBS q\n'")
        _, body = await ask(gateway, *IN, "LIST_JOBS q")
        assert [job["Payload"] for job in body["data"][2]] == ["a\nPURGE_JOBS q\n"]


async def test_array_words_are_unknown_here(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        status, body = await ask(Gateway(site), *IN, "ENQUEUE q t p", "HELLO 3")
        assert (status, codes(body)) == (400, ["unknown-command", "unknown-command"])


async def test_a_password_in_clear_from_elsewhere_is_refused(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        gateway = Gateway(site)
        _, body = await ask(gateway, *IN, local=False)
        assert codes(body) == ["plaintext-refused", "not-logged"]
        assert (await ask(gateway, *IN, local=False, encrypted=True))[0] == 200


async def test_nothing_is_reserved_for_a_request(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        gateway = Gateway(site)
        _, body = await ask(gateway, *IN, "PUBLISH q t p")
        job = body["data"][2].removeprefix("OK#")
        assert (await ask(gateway, *IN, f"UPDATE_JOB {job} in-progress"))[0] == 200
        await wait_all_tasks_blocked()
        _, body = await ask(gateway, *IN, "LIST_JOBS q")
        assert body["data"][2][0]["State"] == "in-progress"
        await trio.sleep(SETTINGS.lines.silence - 1)
        assert (await ask(gateway, *IN, f"UPDATE_JOB {job} in-progress"))[0] == 200
        await trio.sleep(SETTINGS.lines.silence + 1)
        _, body = await ask(gateway, *IN, "LIST_JOBS q")
        assert body["data"][2][0]["State"] == "pending"


class SlowLogin:
    """Checks of a password that end when the test says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = trio.Event()

    async def verify(self, password_hash: str, password: str) -> bool:
        assert password_hash == HASH
        self.asked.append(password)
        await self.go.wait()
        return password == "right"

    def site(self, site: Site, clock: Callable[[], float]) -> Site:
        accounts = [evolve(each, password_hash=HASH) for each in site.login.accounts()]
        login = Login(
            accounts, LoginLimits(failures=1), key=bytes(KEY_BYTES), clock=clock, verify=self.verify
        )
        return evolve(site, login=login)


async def test_what_follows_a_login_waits_for_it(autojump_clock: MockClock) -> None:
    slow = SlowLogin()
    answers: list[tuple[int, Any]] = []
    async with memory_site(SETTINGS) as quick, trio.open_nursery() as nursery:
        gateway = Gateway(slow.site(quick, trio.current_time))

        async def run(password: str) -> None:
            answers.append(await ask(gateway, f"AUTH ada {password}", "USE_GROUP g", "PING"))

        nursery.start_soon(run, "right")
        await wait_all_tasks_blocked()
        assert slow.asked == ["right"]
        status, body = await ask(gateway, "PING")
        assert status == 200
        assert answers == []
        slow.go.set()
        await wait_all_tasks_blocked()
        assert answers[0][1]["data"] == ["Welcome!", "OK", "PONG"]
        _, body = await ask(gateway, "AUTH ada wrong", "PING")
        assert (body["data"], codes(body)) == (["PONG"], ["invalid-creds"])
        _, body = await ask(gateway, "AUTH ada right", "PING")
        assert (body["data"], codes(body)) == (["PONG"], ["try-later"])


async def test_a_request_that_is_given_up_leaves_no_session(autojump_clock: MockClock) -> None:
    slow = SlowLogin()
    async with memory_site(SETTINGS) as quick:
        gateway = Gateway(slow.site(quick, trio.current_time))
        with trio.move_on_after(1) as scope:
            await gateway.answer(post("AUTH ada right", "PING"))
        assert scope.cancelled_caught
        slow.go.set()
        _, body = await ask(gateway, *("AUTH ada right", "USE_GROUP g", "LIST_SESSIONS"))
        assert [one["Username"] for one in body["data"][2]] == ["ada"]


async def test_commands_go_in_together_and_answers_come_in_order(
    autojump_clock: MockClock,
) -> None:
    engine = ScriptedEngine()
    async with memory_site(SETTINGS) as real, trio.open_nursery() as nursery:
        site = evolve(real, engine=engine)
        found: list[Any] = []

        async def run() -> None:
            found.append(await ask(Gateway(site), *IN, "LIST_JOBS q", "LIST_JOBS r"))

        engine.script(lambda _: None, lambda _: None)
        nursery.start_soon(run)
        await wait_all_tasks_blocked()
        first, second = engine.asked
        assert [one.command for one in engine.asked] == [
            Describe("q", SETTINGS.lines.listing_limit),
            Describe("r", SETTINGS.lines.listing_limit),
        ]
        assert first.who.peer is None
        reply = await real.engine.execute(first.who, Describe("q"))
        second.to.send(reply)
        await wait_all_tasks_blocked()
        assert found == []
        first.to.send(QueueView(1, "g", "q", "", None, (), None, None))  # type: ignore[arg-type]
    status, body = found[0]
    assert status == 400
    assert body["data"] == ["Welcome!", "OK", []]
    assert codes(body) == ["unknown-queue"]


@pytest.mark.parametrize(("local", "origin"), [(True, b"http://a"), (False, None)])
async def test_a_referer_is_reflected_on_loopback_only(
    autojump_clock: MockClock, *, local: bool, origin: bytes | None
) -> None:
    settings = evolve(SETTINGS, http=Http(reflect_referer=True))
    async with memory_site(settings) as site:
        asked = post("PING", local=local, headers={b"referer": b"http://a/b"})
        answer = await Gateway(site).answer(asked)
        assert answer is not None
        assert dict(answer.headers).get(b"access-control-allow-origin") == origin
