"""The first page."""

import json
from typing import Any

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock

from config.settings import Settings
from config.users import Grant, Group, User
from engine.commands import Fail, Pause, Publish, Reserve
from engine.history import FINE, MOST_QUEUES, Tally
from engine.replies import Granted
from tests.frontends.http.pages.browser import Console, open_console


async def test_an_empty_server_says_how_to_begin(
    console: Console, autojump_clock: MockClock
) -> None:
    seen = await (await console.logged_in()).get("/")
    assert "Nothing was published here yet" in seen.text
    assert "jobyard publish mail welcome" in seen.text
    assert "http://console.example/api/v2/queues/mail/jobs" in seen.text
    assert 'href="/publish"' in seen.text
    reading = await (await console.logged_in("looker")).get("/")
    assert "It takes the right to publish" in reading.text
    assert "jobyard publish" not in reading.text


async def test_names_in_shell_lines_are_one_word_each(autojump_clock: MockClock) -> None:
    group = "a'; echo b"
    users = (User("ada", password="ada", groups=(Grant(group),)),)
    async with open_console(Settings(groups=(Group(group),), users=users)) as console:
        seen = await (await console.logged_in()).get("/")
    quoted = """a'"'"'; echo b'"""
    assert f"--group '{quoted}\n" in seen.words
    assert f"-H 'Jobyard-Group: {quoted} -H" in seen.words


async def test_counts_failures_and_what_nobody_works_on(
    console: Console, autojump_clock: MockClock
) -> None:
    for queue in ("mail", "mail", "a/b"):
        await console.run(Publish(queue, "some type", b"x"))
    granted = await console.run(Reserve("mail"))
    assert isinstance(granted, Granted)
    [job] = granted.jobs
    await console.run(Fail(job.id, job.reservation, "no", "Timeout", retry=False))
    await console.run(Pause("mail"))
    await trio.sleep(90)
    seen = await (await console.logged_in()).get("/")
    assert 'state ready">ready</span><strong>2<' in seen.text
    assert 'state failed">failed</span><strong>1<' in seen.text
    assert "/jobs?q=state%3Afailed+type%3A%22some+type%22" in seen.text
    assert "1 min 30 s" in seen.text
    assert "1 paused" in seen.text
    assert 'href="/queues/a~2fb"' in seen.text
    lonely = seen.text.split('id="lonely"')[1].split("</section>")[0]
    assert "a/b" in lonely
    assert "mail" not in lonely
    assert "Nothing was published here yet" not in seen.text


async def test_rates_and_charts_come_from_samples(
    console: Console, autojump_clock: MockClock
) -> None:
    assert console.site.observed is not None
    history, now = console.site.observed.history, console.site.now()
    waiting = {("yard", f"q{number}"): Tally(0, 0, 0, 1) for number in range(MOST_QUEUES * 2)}
    for number in range(4):
        tallies = {
            **waiting,
            ("yard", "mail"): Tally(25 * number, 15 * number, 0, 7),
            ("field", "own"): Tally(1000 * number, 0, 0, 0),
        }
        history.sample(tallies, now - FINE * (3 - number))
    browser = await console.logged_in("root")
    seen = await browser.get("/")
    assert "<strong>2.5 <small>/s" in seen.text
    assert "<strong>1.5 <small>/s" in seen.text
    assert "<polyline" in seen.text
    answer = await browser.get("/console/chart/rates")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["values"][1][-1] == 2.5
    assert json.loads((await browser.get("/console/chart/backlog")).body)["values"][1][-1] == (
        7 + len(waiting)
    )
    everything = await browser.get("/console/chart/rates?all=1")
    assert json.loads(everything.body)["values"][1][-1] == 102.5
    member = await console.logged_in("ada")
    kept = json.loads((await member.get("/console/chart/rates?all=1")).body)
    assert kept["values"][1][-1] == 2.5
    assert json.loads((await browser.get("/console/chart/rates?span=day")).body)["values"][0] == []


async def test_charts_are_for_who_may_read(console: Console, autojump_clock: MockClock) -> None:
    browser = await console.logged_in("nobody")
    assert (await browser.get("/console/chart/rates")).status == 404
    member = await console.logged_in("ada")
    assert (await member.get("/console/chart/nosuch")).status == 404


async def test_an_administrator_may_look_at_all_groups(
    console: Console, autojump_clock: MockClock
) -> None:
    await console.run(Publish("mail", "t", b"x"))
    await console.run(Publish("own", "t", b"x"), "eve", "field")
    browser = await console.logged_in("root")
    assert "<strong>1<" in (await browser.get("/")).text.split("ready</span>")[1][:30]
    everything = await browser.get("/?all=1")
    assert "Overview of all groups" in everything.text
    assert "<strong>2<" in everything.text.split("ready</span>")[1][:30]
    assert "own <small>in field" in everything.text
    member = await (await console.logged_in("ada")).get("/?all=1")
    assert "<strong>1<" in member.text.split("ready</span>")[1][:30]
    assert "own" not in member.text.split('id="lonely"')[1].split("</section>")[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stopping": True}, "the server stops"),
        ({"store_low": True}, "less disk space"),
        ({"refusing": True}, "the disk is full"),
        ({"stalled": 60.0}, "has waited for the disk"),
    ],
)
async def test_what_is_wrong_is_said_loudly(
    changes: dict[str, Any],
    said: str,
    console: Console,
    autojump_clock: MockClock,
) -> None:
    observed = console.site.observed
    assert observed is not None
    browser = await console.logged_in()
    assert 'class="problem"' not in (await browser.get("/")).text
    statistics = observed.statistics
    observed.statistics = lambda: evolve(statistics(), **changes)
    seen = await browser.get("/")
    assert 'class="problem"' in seen.text
    assert said in seen.text


async def test_the_server_says_what_it_is(console: Console, autojump_clock: MockClock) -> None:
    assert console.site.observed is not None
    console.site.observed.connections["lines"] = lambda: 12
    await trio.sleep(3_700)
    seen = await (await console.logged_in("root")).get("/")
    for said in ("1 h ago", "memory", "lines 12", "boot 1", "1 browser"):
        assert said in seen.text
    assert "browser" not in (await (await console.logged_in("ada")).get("/")).text


async def test_who_has_no_group_is_told_so(console: Console, autojump_clock: MockClock) -> None:
    seen = await (await console.logged_in("nobody")).get("/")
    assert "You have no group yet" in seen.text
    assert "<small>no rights</small>" in seen.text
    refused = await (await console.logged_in("nobody")).get("/queues")
    assert refused.status == 403
    assert 'href="/queues"' not in refused.text
