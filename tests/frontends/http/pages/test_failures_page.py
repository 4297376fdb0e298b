"""Failures by what they have in common: one is tried again, and then the rest."""

import re
from html import unescape

import pytest
from trio.testing import MockClock

from engine import commands as c
from engine.replies import Granted
from frontends.http.pages import browsing, failures
from tests.frontends.http.pages.browser import Console


async def fail(
    console: Console, *errors: str, queue: str = "q", kind: str = "t", retry: bool = False
) -> list[str]:
    made = []
    for error in errors:
        made.append((await console.run(c.Publish(queue, kind, b""))).job)
        granted = await console.run(c.Reserve(queue))
        assert isinstance(granted, Granted)
        [job] = granted.jobs
        say = c.Fail(job.id, job.reservation, error, error_type="OSError", retry=retry, delay=99.0)
        await console.run(say)
    return made


def rows(page: str) -> list[list[str]]:
    """The words of each cell."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in row.split("</td>")[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


async def test_like_failures_are_one(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    await fail(console, "no route to 10.0.0.7", "no route to 10.0.0.9")
    await fail(console, "no route to 10.0.0.1", retry=True)
    await fail(console, "disk", kind="u")
    page = (await browser.get("/failures")).words
    assert [row[:5] for row in rows(page)] == [
        ["OSError no route to #", "q", "t", "2", "1"],
        ["OSError disk", "q", "u", "1", "0"],
    ]


async def test_one_is_tried_and_then_the_rest(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    made = await fail(console, "no route to 7", "no route to 8", "no route to 9")
    page = (await browser.get("/failures")).text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form["rest"] = form["rest"].replace("&#34;", '"')
    assert form["job"] in made
    seen = await browser.follow(await browser.post("/failures/try", form))
    assert "This one is tried again" in seen.words
    assert (await console.run(c.Get(form["job"]))).job.state.name == "READY"
    link = re.search(r'<a href="([^"]+)">retry the rest</a>', seen.text)
    assert link is not None
    asked = await browser.get(link[1].replace("&amp;", "&"))
    assert '<strong id="found">2 jobs</strong>' in asked.text
    done = await browser.post("/jobs", {"act": "retry", "every": "1", "q": form["rest"]})
    assert "2 jobs are retried." in (await browser.follow(done)).words


@pytest.mark.parametrize(
    "error", ["", '"' * 500, "\\" * 199, "\n\x00", "x" * 9999, "7", "a\tb \x1b[0m"]
)
async def test_the_rest_is_found_whatever_the_error_is(
    autojump_clock: MockClock, console: Console, error: str
) -> None:
    browser = await console.logged_in()
    queue, kind = '"' * 200, "\\" * 200
    await fail(console, error, error, queue=queue, kind=kind)
    page = (await browser.get("/failures")).text
    [link] = re.findall(r'<a href="([^"]+)">Retry all', page)
    asked = await browser.get(unescape(link))
    assert '<strong id="found">2 jobs</strong>' in asked.text


async def test_a_part_is_shown_and_it_goes_on(
    autojump_clock: MockClock, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "LOOKED", 2)
    browser = await console.logged_in()
    await fail(console, *(f"no {number}" for number in range(5)))
    counts = []
    target = "/failures"
    for _ in range(3):
        page = (await browser.get(target)).words
        counts.append(rows(page)[0][3])
        again = (await browser.get(target)).words
        assert rows(again)[0][3] == counts[-1], "asking for the same part again adds nothing"
        link = re.search(r'<a href="([^"]+)" rel="next"', page)
        target = link[1] if link else ""
        assert "data-goes-on" not in page
    assert counts == ["2", "4", "5"]
    assert not target


async def test_what_a_slow_look_leaves_out_is_looked_at_unasked(
    autojump_clock: MockClock, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "SECONDS", 0.0)
    browser = await console.logged_in()
    await fail(console, *(f"no {number}" for number in range(25)))
    page = (await browser.get("/failures")).words
    assert int(rows(page)[0][3]) < 25
    while link := re.search(r'<a href="([^"]+)" rel="next" data-goes-on>', page):
        assert "going.js" in page
        page = (await browser.get(link[1])).words
    assert rows(page)[0][3] == "25"
    assert "Go on" not in page


async def test_a_search_narrows_it(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    await fail(console, "disk full")
    await fail(console, "no route", queue="other")
    page = (await browser.get("/failures?q=queue:other")).words
    assert [row[0] for row in rows(page)] == ["OSError no route"]
    assert 'role="alert"' in (await browser.get("/failures?q=nonsense")).text
    nothing = await browser.get("/failures?q=error:nowhere")
    assert "Nothing has failed that matches" in nothing.words


async def test_a_server_without_failures_says_so(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    await console.run(c.Publish("q", "t", b""))
    assert "Nothing has failed." in (await browser.get("/failures")).words


async def test_others_see_only_theirs_and_readers_no_buttons(
    autojump_clock: MockClock, console: Console
) -> None:
    [job] = await fail(console, "secret")
    eve = await console.logged_in("eve")
    assert "secret" not in (await eve.get("/failures")).text
    seen = await eve.post("/failures/try", {"job": job, "back": "/failures"})
    assert "there is no such job" in (await eve.follow(seen)).words
    looker = await console.logged_in("looker")
    page = (await looker.get("/failures")).text
    assert "secret" in page
    assert "/failures/try" not in page
    assert "act=retry" not in page
    seen = await looker.post("/failures/try", {"job": job, "back": "/failures"})
    assert "you do not have the right" in (await looker.follow(seen)).words
    assert (await console.run(c.Get(job))).job.state.name == "FAILED"


async def test_looks_of_many_browsers_are_bounded(
    autojump_clock: MockClock, console: Console
) -> None:
    browsers = [await console.logged_in("bob") for _ in range(3)]
    for browser in browsers:
        await browser.get("/failures")
    assert len(failures._LOOKS) <= failures.MOST_LOOKS
