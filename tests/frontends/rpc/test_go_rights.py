"""The authorization matrix of Go's programs: six methods, both codecs, every principal."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from engine import commands as c
from engine.access import caller
from engine.commands import TABLE
from frontends.dialects.gob import Bounds
from frontends.dialects.qmanager import METHODS, NO_TASK, PREFIX
from frontends.http.site import Site
from frontends.rpc.gob_talk import GobTalk
from frontends.rpc.handler import Handler
from frontends.rpc.json_talk import JsonTalk
from frontends.rpc.peer import RpcPeer
from frontends.rpc.place import Place
from tests.frontends.rpc.gob_client import Answer, GobClient
from tests.frontends.rpc.test_rpc_rights import GROUP, HELD, SETTINGS
from tests.support.sites import memory_site

BECOMES: Final[dict[str, type]] = {
    "AddTask": c.Publish,
    "FinishTask": c.Done,
    "GetTask": c.Get,
    "RetryTask": c.Fail,
    "TakeTask": c.Reserve,
    "TakeTaskByType": c.Reserve,
}
"""The command whose right a method needs."""
Ask = Callable[[str, Any], Awaitable[tuple[str, Any]]]
"""Method and argument -> the error, or empty, and what came."""


def in_gob(site: Site, user: str, group: str) -> Ask:
    """A Go program of this user, whose queue is in this group."""
    principal = site.login.principal(user)
    assert principal is not None
    handler = Handler(site.engine, caller(principal, group, RpcPeer("h:1")), SETTINGS.rpc)
    heard: list[Answer] = []
    client: GobClient
    talk = GobTalk(handler, lambda said: heard.extend(client.hear(said)), Bounds())
    client = GobClient(talk.receive)

    async def ask(method: str, argument: Any) -> tuple[str, Any]:
        client.call(method, argument)
        talk.turn(256)
        await wait_all_tasks_blocked()
        answer = heard.pop(0)
        value = answer.value
        return answer.error, value["id"] if method == "AddTask" and value else value

    return ask


def in_json(site: Site, user: str, group: str) -> Ask:
    """The same with Go's JSON codec."""
    place = Place(site.engine, site.login, SETTINGS, site.now)
    heard: list[Any] = []
    talk = JsonTalk(
        place, RpcPeer("h:1"), lambda said: heard.append(json.loads(said)), None, safe=True
    )
    principal = site.login.principal(user)
    if principal is not None:
        talk._become(principal, group)

    async def ask(method: str, argument: Any) -> tuple[str, Any]:
        said = {"method": PREFIX + method, "params": [argument], "id": 1}
        talk.receive(json.dumps(said).encode())
        talk.turn(256)
        await wait_all_tasks_blocked()
        answer = heard.pop(0)
        return answer["error"] or "", answer["result"] or None  # nil is {} here

    return ask


CODECS: Final = {"gob": in_gob, "json": in_json}


async def populated(site: Site) -> dict[str, Any]:
    """A task that waits and one that is done, as arguments of the methods."""
    owner = in_gob(site, "ada", GROUP)
    _, done = await owner("AddTask", {"Type": "t", "Input": "x"})
    await owner("TakeTask", {})
    await owner("FinishTask", {"Id": done})
    _, waiting = await owner("AddTask", {"Type": "t", "Input": "x"})
    return {
        "AddTask": {"Type": "t", "Input": "x"},
        "FinishTask": {"Id": waiting, "Output": "y"},
        "GetTask": done,
        "RetryTask": waiting,
        "TakeTask": {},
        "TakeTaskByType": ["t"],
    }


async def unchanged(site: Site, arguments: dict[str, Any]) -> None:
    """The one that waits is the only one, and the first to be taken."""
    owner = in_gob(site, "ada", GROUP)
    _, taken = await owner("TakeTask", {})
    assert taken["Id"] == arguments["RetryTask"]
    assert await owner("TakeTask", {}) == ("", None)
    error, found = await owner("GetTask", arguments["GetTask"])
    assert (error, found["Id"]) == ("", arguments["GetTask"])


def test_every_method_is_asked() -> None:
    assert BECOMES.keys() == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("user", HELD)
@pytest.mark.parametrize("codec", CODECS)
async def test_a_right_opens_its_methods_only(
    autojump_clock: MockClock, codec: str, user: str, method: str
) -> None:
    async with memory_site(SETTINGS) as site:
        arguments = await populated(site)
        error, _ = await CODECS[codec](site, user, GROUP)(method, arguments[method])
        if HELD[user] & TABLE[BECOMES[method]].needs:
            missing = method in {"FinishTask", "RetryTask"}  # nobody took it
            assert error == (NO_TASK if missing else "")
        else:
            assert error.startswith("forbidden: ")
            unknown = {**arguments, "FinishTask": {"Id": "none"}, "RetryTask": "none"}
            unknown["GetTask"] = "none"
            again, _ = await CODECS[codec](site, user, GROUP)(method, unknown[method])
            assert again == error
            await unchanged(site, arguments)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("codec", CODECS)
async def test_tasks_of_another_group_are_none(
    autojump_clock: MockClock, codec: str, method: str
) -> None:
    async with memory_site(SETTINGS) as site:
        arguments = await populated(site)
        error, found = await CODECS[codec](site, "eve", "field")(method, arguments[method])
        if method.startswith("Take"):
            assert (error, found) == ("", None)
        elif method != "AddTask":
            assert error == NO_TASK
        await unchanged(site, arguments)


@pytest.mark.parametrize("method", METHODS)
async def test_who_is_nobody_takes_and_gives_nothing(
    autojump_clock: MockClock, method: str
) -> None:
    async with memory_site(SETTINGS) as site:
        arguments = await populated(site)
        error, found = await in_json(site, "stranger", GROUP)(method, arguments[method])
        assert found is None
        assert error.startswith("not-logged")
        await unchanged(site, arguments)
