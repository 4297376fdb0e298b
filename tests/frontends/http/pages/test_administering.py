"""Users, groups, tokens and the audit log in the console; for administrators only."""

import re
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from config.users import accounts
from engine import commands as c
from engine.account_replies import AuditEntries, UserView
from engine.account_replies import Users as UsersReply
from engine.directory import Directory
from frontends.users import Users
from tests.frontends.http.pages.browser import SETTINGS, Browser, Console, Seen, open_console

PAGES = ("/users", "/groups", "/tokens", "/audit")
LONG = "a long enough word"


@pytest.fixture
async def console() -> AsyncGenerator[Console]:
    """With users and tokens that are added while it runs."""
    async with open_console() as opened:
        engine = cast("Directory", opened.site.engine)
        Users(engine, opened.site.login, accounts(SETTINGS.users), SETTINGS.group_names)
        yield opened


@pytest.fixture
async def root(console: Console) -> Browser:
    return await console.logged_in("root")


async def done(browser: Browser, target: str, **form: object) -> Seen:
    """Send a form and look at the page that comes of it."""
    return await browser.follow(await browser.post(target, form))


def row(seen: Seen, text: str) -> str:
    rows: list[str] = re.findall(r"<tr>.*?</tr>", seen.words, re.DOTALL)
    (found,) = [each for each in rows if text in each]
    return found


@pytest.mark.parametrize("name", ["ada", "looker"])
async def test_nobody_else_sees_or_reaches_these_pages(name: str, console: Console) -> None:
    browser = await console.logged_in(name)
    first = (await browser.get("/login")).location
    shown = (await browser.get(first)).text
    for path in PAGES:
        assert f'href="{path}"' not in shown
        assert (await browser.get(path)).status == 403
    for path, form in (
        ("/users", {"name": "kim", "password": LONG}),
        ("/users/ada/rights", {"admin": "on"}),
        ("/users/ada/password", {"password": LONG}),
        ("/users/ada/drop", {}),
        ("/groups", {"name": "pond"}),
        ("/groups/yard/drop", {}),
        ("/tokens", {"name": "bot", "group": "yard", "rights": "read", "days": "1"}),
        ("/tokens/bot/drop", {}),
    ):
        assert "Not done" in (await done(browser, path, **form)).text, path
    entries = await console.run(c.Audit(), "root", "")
    assert isinstance(entries, AuditEntries)
    assert entries.entries == ()


async def test_who_is_not_logged_in_is_sent_to_the_login(console: Console) -> None:
    browser = console.browser()
    for path in PAGES:
        assert (await browser.get(path)).location == f"/login?next=%2F{path[1:]}"
        if path != "/audit":
            assert (await browser.post(path, {"name": "kim"})).location == "/login"


async def test_users_are_added_changed_and_dropped(root: Browser, console: Console) -> None:
    kim = {"name": "kim/../<b>", "password": LONG, "group": "yard", "rights-0": ["read", "work"]}
    seen = await done(root, "/users", back="/users", **kim)
    assert "User kim/../<b> may log in." in seen.words
    assert "<b>" not in seen.text
    listed = row(seen, ">kim/../<b></a>")
    assert "added" in listed
    assert "(work, read)" in listed
    (address,) = re.findall(r'href="(/users/kim[^"]*)"', seen.text)
    page = await root.get(address)
    assert page.text.count(' name="rights-0" value="work" checked') == 1
    assert page.text.count(' name="rights-0" value="manage">') == 1
    said = {"group": ["yard", "field"], "rights-0": ["manage"], "rights-1": ["read"]}
    seen = await done(root, f"{address}/rights", back=address, **said)
    assert "are changed" in seen.text
    (found,) = [each for each in (await _users(console)) if each.name.startswith("kim")]
    assert {each.group: each.rights for each in found.groups} == {
        "yard": ("manage",),
        "field": ("read",),
    }
    assert "are changed" in (await done(root, f"{address}/rights", back=address, admin="on")).text
    (found,) = [each for each in (await _users(console)) if each.name.startswith("kim")]
    assert (found.admin, found.groups) == (True, ())
    login = console.site.login
    before = login.account(found.name)
    assert "is changed" in (await done(root, f"{address}/password", password=f"{LONG}!")).text
    assert login.account(found.name) != before
    seen = await done(root, f"{address}/drop")
    assert "may log in no more" in seen.text
    assert login.account(found.name) is None
    assert (await root.get(address)).status == 404


async def _users(console: Console) -> tuple[UserView, ...]:
    found = await console.run(c.ListUsers(), "root", "")
    assert isinstance(found, UsersReply)
    return found.users


async def test_users_of_the_settings_are_shown_and_cannot_be_changed(root: Browser) -> None:
    seen = await root.get("/users")
    listed = row(seen, ">ada</a>")
    assert "settings file" in listed
    assert "Drop" not in listed
    page = (await root.get("/users/ada")).text
    assert "settings file" in page
    assert 'action="/users/ada' not in page
    for path in ("rights", "password", "drop"):
        answer = await done(root, f"/users/ada/{path}", password=LONG)
        assert "settings file" in answer.text.partition("<main")[0]


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "password": LONG},
        {"name": "a\nb", "password": LONG},
        {"name": "k" * 201, "password": LONG},
        {"name": "kim", "password": ""},
        {"name": "kim", "password": "p" * 513},
        {"name": "kim", "password": LONG, "group": "nosuch", "rights-0": "read"},
        {"name": "kim", "password": LONG, "group": "yard", "rights-0": "everything"},
        {"name": "ada", "password": LONG},
        {},
    ],
)
async def test_a_form_that_cannot_be_changes_nothing_and_says_why(
    form: dict[str, str], root: Browser, console: Console
) -> None:
    before = await _users(console)
    seen = await done(root, "/users", back="/users", **form)
    assert "Not done: " in seen.text
    assert await _users(console) == before


async def test_groups_are_added_and_dropped(root: Browser, console: Console) -> None:
    seen = await done(root, "/groups", back="/groups", name="po~nd/..")
    assert "Group po~nd/.. is made." in seen.words
    assert "added" in row(seen, "po~nd/..")
    assert "settings file" in row(seen, ">yard<")
    assert "Drop" not in row(seen, ">yard<")
    (address,) = re.findall(r'action="(/groups/[^"]*/drop)"', seen.text)
    assert "is gone" in (await done(root, address, back="/groups")).text
    assert "no such group" in (await done(root, address, back="/groups")).text
    assert "settings file" in (await done(root, "/groups/yard/drop")).text.partition("<main")[0]


async def test_a_token_is_shown_once(root: Browser, console: Console) -> None:
    form = {"name": "bot", "group": "yard", "rights": ["read"], "days": "30"}
    made = await root.post("/tokens", form)
    assert (made.status, made.headers["cache-control"]) == (201, "no-store")
    (token,) = re.findall(r'value="(jy_[^"]+)"', made.text)
    seen = await root.get("/tokens")
    assert token not in seen.text
    assert re.search("in (29|30) d", row(seen, "bot"))
    who = console.site.login.principal("bot")
    assert who is not None
    assert "Token bot ended." in (await done(root, "/tokens/bot/drop", back="/tokens")).text
    assert console.site.login.principal("bot") is None


@pytest.mark.parametrize(
    "form",
    [
        {"name": "bot", "group": "yard", "days": "9"},
        {"name": "bot", "group": "yard", "rights": "read", "days": "1e999"},
        {"name": "bot", "group": "yard", "rights": "read", "days": "٣"},
        {"name": "bot", "group": "yard", "rights": "read", "days": "9" * 5_000},
        {"name": "bot", "group": "yard", "rights": "read", "days": "-1"},
        {"name": "bot", "group": "yard", "rights": "read", "days": "0"},
        {"name": "bot", "group": "nosuch", "rights": "read", "days": "1"},
    ],
)
async def test_a_token_that_cannot_be_is_not_made(form: dict[str, str], root: Browser) -> None:
    seen = await done(root, "/tokens", back="/tokens", **form)
    assert "Not done: " in seen.text
    assert "There is no token yet" in seen.text


@pytest.mark.parametrize("days", ["0", "36601", "1.5", "soon"])
async def test_how_long_a_token_may_live_is_said_in_days(days: str, root: Browser) -> None:
    form = {"name": "bot", "group": "yard", "rights": "read", "days": days}
    seen = await done(root, "/tokens", back="/tokens", **form)
    assert "a token ends after a whole number of days, 1 to 36\u202f600." in seen.text


async def test_the_audit_log_is_paged_and_filtered(
    root: Browser, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontends.http.pages.administration.ROWS", 3)
    assert "Nothing that was asked for" in (await root.get("/audit")).text
    for number in range(4):
        await console.run(c.AddGroup(f"g{number}"), "root", "")
    await console.run(c.Purge("<i>none"), "ada")
    seen = await root.get("/audit")
    assert re.findall(r'<td class="number">(\d+)</td>', seen.text) == ["5", "4", "3"]
    assert "<i>none" in row(seen, "PURGE")
    assert "<i>" not in seen.text
    assert "unknown-queue" in row(seen, "PURGE")
    (more,) = re.findall(r'href="([^"]+)" rel="next"', seen.words)
    seen = await root.get(more)
    assert re.findall(r'<td class="number">(\d+)</td>', seen.text) == ["2", "1"]
    assert 'rel="next"' not in seen.text
    for query, numbers in (
        ("who=ada", ["5"]),
        ("word=ADD_GROUP&after=3", ["2", "1"]),
        ("who=ada&word=ADD_GROUP", []),
        ("who=nobody%20like%20this", []),
    ):
        seen = await root.get(f"/audit?{query}")
        assert re.findall(r'<td class="number">(\d+)</td>', seen.text) == numbers
    for query in (
        "after=x",
        "after=-1",
        f"after={'9' * 5_000}",
        "after=%D9%A3",
        "who=" + "w" * 300,
    ):
        assert (await root.get(f"/audit?{query}")).status == 400


async def test_long_lists_come_a_page_at_a_time(
    root: Browser, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontends.http.pages.forms.ROWS", 4)
    for number in range(4):
        await console.run(c.AddGroup(f"g{number}"), "root", "")
    first, second = await root.get("/groups"), await root.get("/groups?page=2")
    assert ">g1</td>" in first.text
    assert ">g2</td>" not in first.text
    assert 'href="/groups?page=2"' in first.text
    assert ">g2</td>" in second.text
    assert 'rel="next"' not in second.text
    for said in ("0", "-1", "x", "²"):
        assert ">yard</td>" in (await root.get(f"/groups?page={said}")).text
    assert 'href="/groups">First</a>' in second.text
    assert "First" not in first.text
    for said in ("3", "9" * 5_000):
        assert ">g2</td>" in (await root.get(f"/groups?page={said}")).text
