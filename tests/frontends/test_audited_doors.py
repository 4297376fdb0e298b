"""What an administrator does leaves one entry, whichever door it came through, and no secret.

The rows come from the table of commands, so none can be forgotten.
"""

import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import pytest
from attrs import frozen
from structlog.testing import capture_logs
from trio.testing import MockClock

from config.users import accounts
from engine import commands as c
from engine.access import Principal, caller
from engine.account_replies import AuditEntries, AuditEntry
from engine.commands import BY_WORD
from engine.directory import Directory
from frontends.http.exchange import Request, Response
from frontends.http.gateway import Gateway
from frontends.http.native.table import PATHS
from frontends.http.pages import pages
from frontends.http.site import Site
from frontends.users import Users
from tests.frontends import scripted
from tests.frontends.http.native.calling import Yard
from tests.frontends.http.pages.browser import SETTINGS, Browser
from tests.frontends.native_talker import Native
from tests.frontends.rpc import test_rpc_rights as rpc
from tests.support.sites import memory_site

GROUP: Final = "yard"
PLANTED: Final = "planted-word-4711"
AUDITED: Final = [word for word, row in BY_WORD.items() if row.audited]
NAMES: Final = {
    "CHANGE_USER": "kim", "DROP_USER": "kim", "DROP_GROUP": "pond", "DROP_TOKEN": "bot",
    "BACKUP": "copy.db",
}  # fmt: skip
"""Of what is there already; everything else gets a new name."""
CHANGED: Final = {"CHANGE_USER": {"password": PLANTED}}
LINES: Final = {
    "PURGE": "PURGE_JOBS q",
    "KICK_ALL": "PURGE_WORKERS q",
    "DELETE_QUEUE_WHOLE": "DELETE_QUEUE q",
    "DELETE_RECURRENCE": "DELETE_RECURRENT_JOB 1",
}
"""Commands of the line protocol, by what they are here."""
FORMS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "ADD_USER": ("/users", {"name": "new", "password": PLANTED, "admin": "on"}),
    "CHANGE_USER": ("/users/kim/password", {"password": PLANTED}),
    "DROP_USER": ("/users/kim/drop", {}),
    "ADD_GROUP": ("/groups", {"name": "new"}),
    "DROP_GROUP": ("/groups/pond/drop", {}),
    "ADD_TOKEN": (
        "/tokens", {"name": "new", "group": GROUP, "rights": "read", "days": "1"},
    ),
    "DROP_TOKEN": ("/tokens/bot/drop", {}),
    "DRAIN": ("/queues/q/drain", {}),
    "PURGE": ("/queues/q/purge", {}),
    "DELETE_QUEUE_WHOLE": ("/queues/q/delete", {}),
    "KICK": ("/workers/kick", {"address": "h:1"}),
    "DROP_RECURRENCE": ("/recurrences/q/1/delete", {}),
}  # fmt: skip
"""What the console sends."""
NO_PAGE: Final = {"BACKUP", "SET_ACCESS", "KICK_ALL", "DELETE_RECURRENCE"}
"""What is done elsewhere, or by another name."""


@frozen
class Told:
    """A site with something in it, and what its log says."""

    site: Site
    engine: Directory
    log: list[Any]

    async def entries(self) -> tuple[AuditEntry, ...]:
        root = caller(Principal("root", admin=True), "")
        found = await self.engine.execute(root, c.Audit())
        assert isinstance(found, AuditEntries)
        return found.entries


Door = Callable[[Told, str], Awaitable[str]]
"""Do what a word says as `root`; everything that is answered."""


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the words' door too."""
    monkeypatch.setitem(scripted.USERS, "root", Principal("root", admin=True))
    monkeypatch.setattr(scripted, "GROUPS", [GROUP])


@asynccontextmanager
async def told(word: str) -> AsyncGenerator[Told]:
    """With what the command of that word needs."""
    with capture_logs() as log:
        async with memory_site(SETTINGS) as site:
            engine = cast("Directory", site.engine)
            Users(engine, site.login, accounts(SETTINGS.users), SETTINGS.group_names)
            root = caller(Principal("root", admin=True), GROUP)
            await engine.execute(root, c.SetRecurrence("q", "t", "@daily"))
            await engine.execute(root, c.AddGroup("pond"))
            await engine.execute(root, c.AddToken("bot", GROUP))
            if NAMES.get(word) == "kim":  # whose password takes a while
                await engine.execute(root, c.AddUser("kim", PLANTED))
            worker = Native(engine, "h:1", "root")
            await worker.ask("USE_GROUP", GROUP)
            await worker.ask("SUBSCRIBE_PUSH", "q")
            yield Told(site, engine, log)


def said(word: str) -> dict[str, Any]:
    """Fields of a command that does something here."""
    names = {**rpc.SAID, "number": 1, "name": NAMES.get(word, "new"), "password": PLANTED}
    return {**rpc.params(word, names), **CHANGED.get(word, {})}


# -- the doors -------------------------------------------------------------------------------------


async def by_words(at: Told, word: str) -> str:
    root = Native(at.engine, user="root")
    await root.ask("USE_GROUP", GROUP)
    fields = said(word)
    extra = CHANGED.get(word, {})
    needed = [str(value) for name, value in fields.items() if name not in extra]
    more = [part for name in extra for part in (name.upper(), extra[name])]
    return repr(await root.ask(word, *needed, *more))


async def by_lines(at: Told, word: str) -> str:
    root = Native(at.engine, user="root")
    await root.ask("USE_GROUP", GROUP)
    return repr(await root.ask(*LINES[word].split(" ")))


async def by_gateway(at: Told, word: str) -> str:
    body = json.dumps({"commands": ["AUTH root root", f"USE_GROUP {GROUP}", LINES[word]]}).encode()
    asked = Request("POST", "/gateway", b"/gateway", body=body, address="127.0.0.1:5")
    answer = await Gateway(at.site).answer(asked)
    assert isinstance(answer, Response)
    return answer.body.decode()


async def by_port(at: Told, word: str) -> str:
    return json.dumps(await rpc.by_port(at.site, "root", GROUP)(word, said(word)))


async def by_post(at: Told, word: str) -> str:
    return json.dumps(await rpc.by_http(at.site, "root", GROUP)(word, said(word)))


async def by_api(at: Told, word: str) -> str:
    (path,) = [one for one in PATHS if one.kind is BY_WORD[word].kind]
    fields = said(word)
    target = path.template.format(**{name: fields.pop(name) for name in path.in_path})
    target += f"?group={GROUP}" * path.in_group
    heard = await Yard(at.site).call(path.method, target, fields or None, user="root")
    return repr(heard)


async def by_page(at: Told, word: str) -> str:
    browser = Browser(pages(at.site))
    await browser.log_in("root")
    await browser.post("/group", {"group": GROUP})
    path, form = FORMS[word]
    seen = await browser.post(path, form)
    return (await browser.follow(seen) if seen.status == 303 else seen).words


CASES: Final = [
    *[pytest.param(by_words, word, id=f"words-{word}") for word in AUDITED],
    *[pytest.param(by_port, word, id=f"rpc-{word}") for word in AUDITED],
    *[pytest.param(by_post, word, id=f"post-rpc-{word}") for word in AUDITED],
    *[pytest.param(by_api, word, id=f"api-{word}") for word in AUDITED],
    *[pytest.param(by_page, word, id=f"page-{word}") for word in FORMS],
    *[pytest.param(by_lines, word, id=f"line-{word}") for word in LINES],
    *[pytest.param(by_gateway, word, id=f"gateway-{word}") for word in LINES],
]


def test_every_audited_command_has_its_forms() -> None:
    assert set(FORMS) | NO_PAGE == set(AUDITED)


@pytest.mark.parametrize(("door", "word"), CASES)
async def test_one_entry_and_no_secret(autojump_clock: MockClock, door: Door, word: str) -> None:
    async with told(word) as at:
        before = await at.entries()
        answer = await door(at, word)
        *same, entry = await at.entries()
        assert tuple(same) == before
        assert (entry.who, entry.word) == ("root", word)
        assert entry.outcome == ("backup-failed" if word == "BACKUP" else "ok"), "no copy of memory"
        tokens = re.findall(r"jy_[0-9A-Za-z_-]+", answer) if word == "ADD_TOKEN" else []
        assert bool(tokens) is (word == "ADD_TOKEN"), answer
        for secret in (PLANTED, b64encode(f"root:{PLANTED}".encode()).decode(), *tokens):
            assert secret not in repr((same, entry, at.log))
        assert PLANTED not in answer
