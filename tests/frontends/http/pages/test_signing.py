"""Logging in and out, and choosing a group."""

import pytest
from trio.testing import MockClock

from tests.frontends.http.pages.browser import Console, open_console


async def test_who_is_not_logged_in_is_asked_who_they_are(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = console.browser()
    sent = await browser.get("/")
    assert (sent.status, sent.location) == (303, "/login")
    form = await browser.follow(sent)
    assert form.status == 200
    assert 'name="password"' in form.text
    assert "Log out" not in form.text


@pytest.mark.parametrize(
    ("name", "role"), [("ada", "member"), ("looker", "read-only"), ("root", "administrator")]
)
async def test_who_logs_in_is_told_what_they_are(
    name: str, role: str, console: Console, autojump_clock: MockClock
) -> None:
    browser = console.browser()
    seen = await browser.follow(await browser.log_in(name))
    assert seen.status == 200
    assert f"{name}, {role} in yard" in seen.text
    assert (">Publish<" in seen.text) == (role != "read-only")
    assert (">Users<" in seen.text) == (role == "administrator")


@pytest.mark.parametrize(
    "form",
    [
        {"name": "ada", "password": "eve"},
        {"name": "nosuch", "password": "ada"},
        {"name": "ada", "password": ""},
        {"name": "", "password": "ada"},
        {"name": "ada", "password": "a" * 600},
        {},
        {"name": "ada\0", "password": "\ud800".encode("utf-8", "surrogatepass")},
    ],
)
async def test_a_wrong_password_says_no_more_than_that(
    form: dict[str, str], console: Console, autojump_clock: MockClock
) -> None:
    browser = console.browser()
    seen = await browser.post("/login", form)
    assert seen.status == 401
    assert "No user has this password" in seen.text
    assert browser.cookies == {}
    assert len(console.app.sessions) == 0


async def test_who_guesses_has_to_wait(console: Console, autojump_clock: MockClock) -> None:
    browser = console.browser()
    for _ in range(5):
        assert (await browser.post("/login", {"name": "ada", "password": "x"})).status == 401
    seen = await browser.post("/login", {"name": "ada", "password": "ada"})
    assert seen.status == 429
    assert seen.headers["retry-after"] == "1"
    assert "wait" in seen.text


async def test_a_password_in_clear_is_not_taken_from_afar(autojump_clock: MockClock) -> None:
    async with open_console() as console:
        browser = console.browser(local=False)
        seen = await browser.post("/login", {"name": "ada", "password": "ada"})
        assert seen.status == 403
        assert "https" in (await browser.get("/login")).text
        assert browser.cookies == {}
        private = console.browser(local=False, scheme="https")
        answer = await private.log_in("ada")
        assert "Secure" in answer.cookies[0]


async def test_the_cookie_is_of_no_use_to_others(
    console: Console, autojump_clock: MockClock
) -> None:
    [cookie] = (await console.browser().log_in("ada")).cookies
    value, *rest = cookie.split("; ")
    assert len(value.partition("=")[2]) == 64
    assert set(rest) == {"HttpOnly", "SameSite=Strict", "Path=/"}
    proxied = {"name": "ada", "password": "ada"}
    seen = await console.browser().post("/login", proxied, origin="https://console.example")
    assert "Secure" in seen.cookies[0]


async def test_logging_in_goes_on_where_one_wanted_to_go(
    console: Console, autojump_clock: MockClock
) -> None:
    for target, expected in (
        ("/?a=b", "/?a=b"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\tx", "/"),
        ("", "/"),
    ):
        form = {"name": "ada", "password": "ada", "next": target}
        assert (await console.browser().post("/login", form)).location == expected


async def test_a_new_login_ends_the_session_before_it(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("ada")
    stolen = dict(browser.cookies)
    await browser.log_in("bob")
    assert len(console.app.sessions) == 1
    assert (await console.browser(cookies=stolen).get("/")).status == 303


async def test_logging_out_ends_this_session_alone(
    console: Console, autojump_clock: MockClock
) -> None:
    browser, other = await console.logged_in("ada"), await console.logged_in("ada")
    kept = dict(browser.cookies)
    seen = await browser.post("/logout", {})
    assert seen.location == "/login"
    assert browser.cookies == {}
    assert (await console.browser(cookies=kept).get("/")).status == 303
    assert (await other.get("/")).status == 200


async def test_logging_out_everywhere_ends_all_of_one_user(
    console: Console, autojump_clock: MockClock
) -> None:
    browser, other = await console.logged_in("ada"), await console.logged_in("ada")
    bob = await console.logged_in("bob")
    await browser.post("/logout", {"everywhere": "1"})
    assert (await other.get("/")).status == 303
    assert (await bob.get("/")).status == 200


async def test_switching_the_group(console: Console, autojump_clock: MockClock) -> None:
    browser = await console.logged_in("bob")
    assert "bob, member in yard" in (await browser.get("/")).text
    seen = await browser.follow(await browser.post("/group", {"group": "field"}))
    assert "bob, member in field" in seen.text
    assert "You look at group field now." in seen.text
    assert "You look at group" not in (await browser.get("/")).text
    for foreign in ("nosuch", "", "field\0"):
        seen = await browser.follow(await browser.post("/group", {"group": foreign}))
        assert "bob, member in field" in seen.text
        assert "There is no such group" in seen.text


async def test_a_foreign_group_looks_as_if_it_were_not(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("ada")
    seen = await browser.follow(await browser.post("/group", {"group": "field"}))
    assert "There is no such group" in seen.text
    assert "field<" not in seen.text
    assert 'value="field"' not in seen.text


async def test_who_has_no_group_sees_a_page_all_the_same(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("nobody")
    seen = await browser.get("/")
    assert seen.status == 200
    assert "no group" in seen.text
