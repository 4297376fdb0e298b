"""What every page of the console has in common."""

from urllib.parse import unquote

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Counts, Publish
from engine.replies import Published
from frontends.http.exchange import Request
from frontends.http.pages import POLICY
from frontends.http.pages.app import COOKIE
from tests.frontends.http.pages.browser import Browser, Console, open_console

HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}{% raw %}\"'`&amp; \u202e\u200b"


async def paths(console: Console) -> list[str]:
    """Every address without a name in it that is read."""
    rules = console.app.url_map.iter_rules()
    return sorted(r.rule for r in rules if "GET" in (r.methods or ()) and not r.arguments)


@pytest.mark.parametrize("name", ["ada", "looker", "root", "nobody", None])
async def test_no_page_of_anybody_fails_or_runs_anything_inline(
    name: str | None, console: Console, autojump_clock: MockClock
) -> None:
    browser = console.browser() if name is None else await console.logged_in(name)
    for path in await paths(console):
        seen = await browser.get(path)
        assert seen.status < 500, path
        assert seen.headers["content-security-policy"] == POLICY
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["referrer-policy"] == "no-referrer"
        if seen.status == 200 and "text/html" in seen.headers["content-type"]:
            assert seen.headers["cache-control"] == "no-store"
            assert "49" not in seen.text or "{{" not in seen.text


async def test_nobody_reads_a_page_without_logging_in(
    console: Console, autojump_clock: MockClock
) -> None:
    for path in await paths(console):
        seen = await console.browser().get(path)
        if path != "/login":
            assert (seen.status, seen.location[:6]) == (303, "/login"), path
        part = await console.browser().get(path, **{"hx-request": "true"})
        assert part.status == (200 if path == "/login" else 401)


async def test_nobody_changes_anything_without_logging_in(
    console: Console, autojump_clock: MockClock
) -> None:
    for rule in console.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.arguments and rule.rule != "/login":
            seen = await console.browser().post(rule.rule, {"name": "x"})
            assert (seen.status, seen.location[:6]) == (303, "/login"), rule.rule


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "x", "origin": "http://console.example"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://console.example.evil.example"},
    ],
)
async def test_a_page_of_another_site_changes_nothing(
    headers: dict[str, str], console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("bob")
    before = dict(browser.cookies)
    for rule in console.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.arguments:
            form = b"group=field&name=bob&password=bob"
            kind = {"content-type": "application/x-www-form-urlencoded"}
            seen = await browser.send("POST", rule.rule, form, kind | headers)
            assert seen.status == 403, rule.rule
    assert browser.cookies == before
    assert "bob, member in yard" in (await browser.get("/")).text


async def test_its_own_pages_and_programs_may(console: Console, autojump_clock: MockClock) -> None:
    browser = await console.logged_in("bob")
    for headers in (
        {"origin": "http://console.example"},
        {"origin": "https://console.example"},
        {},
    ):
        kind = {"content-type": "application/x-www-form-urlencoded"}
        seen = await browser.send("POST", "/group", b"group=field", kind | headers)
        assert seen.status == 303


async def test_an_open_page_is_told_its_content_alone(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    seen = await browser.get("/", **{"hx-request": "true"})
    assert seen.status == 200
    assert "<html" not in seen.text
    assert '<nav aria-label="Pages"' not in seen.text
    assert seen.text.strip().startswith("<main")


async def test_what_an_open_page_asks_does_not_keep_a_session(autojump_clock: MockClock) -> None:
    async with open_console(session=100) as console:
        browser = await console.logged_in()
        await trio.sleep(60)
        assert (await browser.get("/", **{"hx-request": "true"})).status == 200
        await trio.sleep(60)
        assert (await browser.get("/")).status == 303
        again = await console.logged_in()
        await trio.sleep(60)
        assert (await again.get("/")).status == 200
        await trio.sleep(60)
        assert (await again.get("/")).status == 200


async def test_a_foreign_path_is_known_to_those_alone_who_are_logged_in(
    console: Console, autojump_clock: MockClock
) -> None:
    def asked(cookie: str = "", accept: str = "text/html,*/*", method: str = "GET") -> Request:
        headers = {b"accept": accept.encode(), b"cookie": cookie.encode()}
        return Request(method, "/nothing", b"/nothing", headers=headers)

    browser = await console.logged_in()
    key = f"a=b; {COOKIE}={browser.cookies[COOKIE]}"
    assert console.app.knows(asked(key))
    assert not console.app.knows(asked())
    assert not console.app.knows(asked(f"{COOKIE}=x"))
    assert not console.app.knows(asked(key, accept="application/json"))
    assert not console.app.knows(asked(key, method="POST"))
    seen = await browser.get("/nothing")
    assert seen.status == 404
    assert "There is nothing at this address" in seen.text
    assert 'aria-label="Pages"' in seen.text


async def test_a_wrong_method_says_which_is_right(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    seen = await browser.send("DELETE", "/logout", b"", {})
    assert seen.status == 405
    assert "POST" in seen.headers["allow"]


async def test_hostile_names_are_shown_and_not_run(
    console: Console, autojump_clock: MockClock
) -> None:
    assert isinstance(await console.run(Publish(HOSTILE[:60], HOSTILE[:60], b"x")), Published)
    seen = await (await console.logged_in()).get("/")
    assert "<script>alert" not in seen.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}{% raw %}" in seen.text
    assert "\u202e" not in seen.text
    assert "\\u202e" in seen.text


@pytest.mark.parametrize("kept", [True, False])
async def test_behind_a_prefix_every_link_has_it(kept: bool, autojump_clock: MockClock) -> None:
    async with open_console(prefix="/jobs.d") as console:
        begin = "/jobs.d" if kept else ""
        browser = console.browser()
        sent = await browser.get(f"{begin}/")
        assert sent.location == "/jobs.d/login"
        form = {"name": "bob", "password": "bob", "next": "/jobs.d/?a=b"}
        answer = await browser.post(f"{begin}/login", form)
        assert answer.location == "/jobs.d/?a=b"
        assert "Path=/jobs.d/" in answer.cookies[0]
        seen = await browser.get(f"{begin}/")
        assert seen.status == 200
        for attribute in ("href", "src", "action", "data-stream", "data-chart"):
            for rest in seen.text.split(f' {attribute}="')[1:]:
                assert rest.startswith(("/jobs.d/", "#")), (attribute, rest[:40])
        assert (await browser.post(f"{begin}/login", form | {"next": "/queues"})).location == (
            "/jobs.d/"
        )


async def test_a_listener_without_extensions_is_taken_for_a_public_one(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = Browser(console.app, local=False)
    assert (await browser.post("/login", {"name": "ada", "password": "ada"})).status == 403


async def test_a_form_seen_in_another_group_changes_nothing(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("bob")
    for group in ("yard", "field"):
        await console.run(Publish("mail", "t", b"x"), "bob", group)
    page = await browser.get("/queues")
    assert 'name="seen" value="yard"' in page.text
    assert page.headers["jobyard-group"] == "yard"
    await browser.post("/group", {"group": "field"})
    form = {"seen": "yard", "back": "/queues"}
    sent = await browser.post("/queues/mail/pause", form)
    assert sent.location == "/queues"
    assert (
        "that page was of another group, and you look at field" in (await browser.follow(sent)).text
    )
    for group in ("yard", "field"):
        counts = await console.run(Counts("mail"), "bob", group)
        assert not counts.paused
    await browser.post("/queues/mail/pause", form | {"seen": "field"})
    assert (await console.run(Counts("mail"), "bob", "field")).paused


@pytest.mark.parametrize("path", ["/queues/", "/login/", "//", "//queues"])
async def test_no_slash_sends_anybody_elsewhere(
    path: str, console: Console, autojump_clock: MockClock
) -> None:
    assert (await (await console.logged_in()).get(path)).status in {200, 303, 404}


async def test_a_refusal_is_a_page_that_says_why(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    seen = await browser.get("/queues/nosuch")
    assert seen.status == 404
    assert 'role="alert">There is no such queue in this group.' in seen.text
    assert 'aria-label="Pages"' in seen.text
    sent = await browser.post("/jobs/nosuch/cancel", {"back": "/queues"})
    assert sent.location == "/queues"
    assert "there is no such job in this group." in (await browser.follow(sent)).text


async def test_who_may_only_read_is_refused_what_no_button_offers(
    console: Console, autojump_clock: MockClock
) -> None:
    await console.run(Publish("mail", "t", b"x"))
    browser = await console.logged_in("looker")
    sent = await browser.post("/queues/mail/pause", {"back": "/queues"})
    seen = await browser.follow(sent)
    assert "Not done: you do not have the right" in seen.text
    assert "/pause" not in seen.text
    assert not (await console.run(Counts("mail"))).paused


@pytest.mark.parametrize(
    "number", ["9" * 5_000, "%D9%A3", "%C2%B2", "-1", "1_000", "", "1.0", "%0A1"]
)
async def test_a_number_in_an_address_is_few_digits(
    number: str, console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    target = f"/recurrences/q/{number}"
    assert (await browser.get(target)).status == 404
    path = unquote(target)
    assert not console.app.knows(Request("GET", path, target.encode()))
