"""Addresses and forms that no page of the console ever made."""

import re

import pytest
from trio.testing import MockClock

from engine.commands import Publish
from frontends.http.pages import POLICY
from tests.frontends.http.pages.browser import Console

SEGMENTS = [
    "mail", "~", "~zz", "~2f~2f", "~2e~2e", "%2e%2e", "%2F", "%00", "%0a", "%ED%A0%80", "%C2%B2",
    "%D9%A3", "0", "-1", "9" * 400, "a" * 2_000, "%3Cscript%3E", "{{7*7}}", "1e999", "NaN", "1_000",
]  # fmt: skip
QUERIES = [
    "q=%00", "q=%ED%A0%80&page=%D9%A3", "page=1e999&sort=--name&q=" + "a" * 3_000, "page=-1&span=x",
    "q=state%3Anosuch%20payload.%22%20age%3A%3E&cursor=9" + "9" * 400, "page=NaN&after=1_000",
    "seen=x&all=1&next=//evil", "&&&=&%", "q=" + "%5B" * 900, "state=%C2%B2&limit=" + "9" * 30,
]  # fmt: skip
FORMS = [
    {},
    {"back": "//evil.example", "to": "\0", "job": ["x"] * 300, "payload": "[" * 50_000},
    {"name": "x" * 9_000, "queue": "", "priority": "1e999", "delay": "NaN", "payload": "{"},
    {"queue": "q", "type": "t", "priority": "1_000", "delay": "٣", "ready_at": "9" * 5_000},
    {"queue": "a\nb", "cron": "* * * * * * * *", "zone": "../../etc/passwd", "count": "-1"},
    {"q": "payload.a:" + "[" * 900, "action": "nosuch", "seq": "9" * 400, "group": "\ud800"},
]


def addresses(console: Console, method: str, segment: str, *, named: bool = False) -> list[str]:
    """Every path with that in place of each name; `named`: only those that have any."""
    return sorted(
        re.sub(r"<[^>]+>", lambda _: segment, rule.rule)
        for rule in console.app.url_map.iter_rules()
        if method in (rule.methods or ())
        and (rule.arguments or not named)
        and rule.rule not in {"/logout", "/login"}
    )


@pytest.mark.parametrize("segment", SEGMENTS)
async def test_no_address_breaks_a_page(
    segment: str, console: Console, autojump_clock: MockClock
) -> None:
    await console.run(Publish("mail", "t", b"{}"))
    browser = await console.logged_in("root")
    for target in addresses(console, "GET", segment, named=True):
        seen = await browser.get(target)
        assert seen.status < 500, target
        assert seen.headers["content-security-policy"] == POLICY
        assert "<script>" not in seen.text.replace("\n", "")
        assert seen.headers.get("location", "/")[:2] not in {"//", "ht"}


@pytest.mark.parametrize("query", QUERIES)
async def test_no_query_breaks_a_page(
    query: str, console: Console, autojump_clock: MockClock
) -> None:
    await console.run(Publish("mail", "t", b"{}"))
    browser = await console.logged_in("root")
    for target in addresses(console, "GET", "mail"):
        assert (await browser.get(f"{target}?{query}")).status < 500, target


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
async def test_no_form_breaks_a_page(
    form: dict[str, object], console: Console, autojump_clock: MockClock
) -> None:
    await console.run(Publish("mail", "t", b"{}"))
    browser = await console.logged_in("root")
    sent = {
        key: value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        for key, value in form.items()
    }
    for segment in ("mail", "1"):
        for target in addresses(console, "POST", segment):
            seen = await browser.post(target, sent)
            assert seen.status < 500, target
            assert seen.headers.get("location", "/")[:2] not in {"//", "ht"}, target
