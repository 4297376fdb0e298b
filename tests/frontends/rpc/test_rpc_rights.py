"""The authorization matrix over RPC: every method for every principal in every group.

It is made from the table of commands, so none can be forgotten: on the RPC port, and by
`POST /rpc`.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from config.sections import Rpc as RpcSection
from config.settings import Settings
from config.users import Grant, Group, User
from engine import commands as c
from engine.access import EVERYTHING, MEMBER, Right
from engine.commands import BY_WORD, Route
from frontends.dialects.jsonrpc_commands import METHODS
from frontends.dialects.native_json_binding import command_fields
from frontends.http.exchange import Response
from frontends.http.rpc import Rpc
from frontends.http.site import Site
from frontends.rpc.json_talk import JsonTalk
from frontends.rpc.peer import RpcPeer
from frontends.rpc.place import Place
from tests.frontends.http.native.calling import RIGHTS, basic, request
from tests.support.sites import memory_site

GROUP: Final = "yard"
SETTINGS: Final = Settings(
    groups=(Group(GROUP), Group("field")),
    users=(
        User("ada", password="ada", groups=(Grant(GROUP),)),
        User("eve", password="eve", groups=(Grant("field"),)),
        User("root", password="root", groups=(Grant("*"),)),
        User("nobody", password="nobody"),
        *(User(right, password=right, groups=(Grant(GROUP, (right,)),)) for right in RIGHTS),
    ),
    rpc=RpcSection(port=8090, group=GROUP),
)
"""Everybody's password is the name; who is named for a right has no other."""
HELD: Final = {
    **{name: Right[name.upper()] for name in RIGHTS},
    "ada": MEMBER, "root": EVERYTHING, "nobody": Right(0), "eve": Right(0),
}  # fmt: skip
"""Who may do what in the group."""
SAID: Final[dict[str, Any]] = {
    "queue": "q", "type": "t", "payload": "p", "cron": "@hourly", "address": "h:1", "data": "d",
    "progress": 0.5, "line": "l", "queues": ["q"], "seconds": 5, "text": "@hourly", "n": 1,
    "zone": "UTC", "name": "new", "password": "word", "group": GROUP, "state": "done",
}  # fmt: skip
"""By the name of a field."""
KEPT: Final = {"id": "x", "type": "", "state": "ready", "created_at": 1, "updated_at": 1}
JOBS: Final[dict[type, Any]] = {c.PublishMany: [{"type": "t"}], c.Adopt: [KEPT]}
CLOSED: Final = {"DUMP": "test-mode-disabled", "RETRY_ALL_NOW": "dispatch-disabled"}
"""What no right opens."""
PUSHED: Final = "SUBSCRIBE_PUSH"
"""What takes a connection."""
OTHERS: Final = ("DELETE", "REPORT")
"""What is the holder's, or of whoever manages."""

Ask = Callable[[str, Any], Awaitable[Any]]


def by_port(site: Site, user: str, group: str) -> Ask:
    """A connection to the RPC port, in this group from the beginning."""
    place = Place(site.engine, site.login, site.settings, site.now)
    heard: list[Any] = []
    talk = JsonTalk(
        place, RpcPeer("127.0.0.1:1"), lambda said: heard.append(json.loads(said)), None, safe=True
    )
    principal = site.login.principal(user)
    if principal is not None:
        talk._become(principal, group)

    async def ask(method: str, params: Any) -> Any:
        said = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        talk.receive(json.dumps(said).encode())
        while talk.turn(256):
            pass
        while not heard:
            await wait_all_tasks_blocked()
        return heard.pop(0)

    return ask


def by_http(site: Site, user: str, group: str) -> Ask:
    """`POST /rpc` with a login and a group."""

    async def ask(method: str, params: Any) -> Any:
        said = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        headers = {"authorization": basic(user).decode(), "jobyard-group": group}
        asked = request("POST", "/rpc", json.dumps(said).encode(), headers)
        answer = await Rpc(site).answer(asked)
        assert isinstance(answer, Response)
        return json.loads(answer.body)

    return ask


DOORS: Final = {"port": by_port, "http": by_http}


async def populated(site: Site) -> dict[str, Any]:
    """A queue with a job and a schedule, and what they are called."""
    owner = by_port(site, "ada", GROUP)
    job = await owner("enqueue", ["q", "t", "p"])
    number = await owner("set_recurrence", ["q", "t", "@daily"])
    return {**SAID, "job": job["result"]["job"], "number": number["result"]["number"]}


async def unchanged(site: Site, names: dict[str, Any]) -> None:
    owner = by_port(site, "ada", GROUP)
    assert (await owner("get", [names["job"]]))["result"]["job"]["state"] == "ready"
    assert (await owner("counts", ["q"]))["result"]["published"] == 1
    assert len((await owner("recurrences", ["q"]))["result"]["recurrences"]) == 1


def params(word: str, names: dict[str, Any]) -> dict[str, Any]:
    """A value for each field that a command needs."""
    kind = BY_WORD[word].kind
    found = {field.name: names.get(field.name) for field in command_fields(kind) if field.required}
    if kind in JOBS:
        found["jobs"] = JOBS[kind]
    return {**found, "wait": 0} if kind is c.Wait else found


def code(answer: Any) -> str:
    return str(answer["error"]["data"]["code"]) if "error" in answer else ""


def test_every_command_is_a_method_in_both_cases() -> None:
    assert METHODS.keys() == BY_WORD.keys() | {word.lower() for word in BY_WORD}
    assert all(METHODS[word.lower()] is row for word, row in BY_WORD.items())


@pytest.mark.parametrize("word", BY_WORD)
@pytest.mark.parametrize("user", HELD)
@pytest.mark.parametrize("door", DOORS)
async def test_a_right_opens_its_methods_only(
    autojump_clock: MockClock, door: str, user: str, word: str
) -> None:
    async with memory_site(SETTINGS) as site:
        names = await populated(site)
        ask = DOORS[door](site, user, GROUP)
        answer = await ask(word, params(word, names))
        needs, held = BY_WORD[word].needs, HELD[user]
        if word in CLOSED:
            assert code(answer) == CLOSED[word]
        elif door == "http" and not held and BY_WORD[word].route is not Route.SERVER:
            assert code(answer) == "unknown-group"
        elif needs and not held & needs:
            assert code(answer) == "forbidden"
            unknown = {**names, "job": "none", "queue": "none", "number": 99}
            assert await ask(word, params(word, unknown)) == answer
        else:
            alone = door == "http" and word == PUSHED
            of_another = word in OTHERS and not held & Right.MANAGE
            assert (code(answer) == "forbidden") is (alone or of_another), answer
            return
        await unchanged(site, names)


@pytest.mark.parametrize("word", BY_WORD)
@pytest.mark.parametrize("door", DOORS)
async def test_what_lies_in_another_group_looks_unknown(
    autojump_clock: MockClock, door: str, word: str
) -> None:
    async with memory_site(SETTINGS) as site, memory_site(SETTINGS) as empty:
        names = await populated(site)
        theirs, nobodys = [
            await DOORS[door](place, "eve", "field")(word, params(word, names))
            for place in (site, empty)
        ]
        assert code(theirs) == code(nobodys)
        if BY_WORD[word].route in {Route.JOB, Route.QUEUE} and not (
            door == "http" and word == PUSHED
        ):
            assert code(theirs).startswith("unknown-"), theirs
        await unchanged(site, names)


@pytest.mark.parametrize("word", BY_WORD)
async def test_who_is_nobody_may_nothing(autojump_clock: MockClock, word: str) -> None:
    async with memory_site(SETTINGS) as site:
        names = await populated(site)
        for said in (word, word.lower()):
            answer = await by_port(site, "stranger", GROUP)(said, params(word, names))
            assert code(answer) == "not-logged"
            asked = request("POST", "/rpc", json.dumps({"method": said, "id": 1}).encode())
            refused = await Rpc(site).answer(asked)
            assert isinstance(refused, Response)
            assert refused.status == 401
        await unchanged(site, names)


async def test_a_login_tells_nothing_of_groups_that_are_another_s() -> None:
    async with memory_site(SETTINGS) as site:
        place = Place(site.engine, site.login, site.settings, site.now)
        heard: list[bytes] = []
        for group in (GROUP, "nowhere"):
            talk = JsonTalk(place, RpcPeer("127.0.0.1:1"), heard.append, None, safe=True)
            said = {"method": "login", "params": ["eve", "eve", group], "id": 1, "jsonrpc": "2.0"}
            talk.receive(json.dumps(said).encode())
            talk.turn(256)
            await talk.settle()
        assert heard[0] == heard[1]
        assert b"forbidden-group" in heard[0]
