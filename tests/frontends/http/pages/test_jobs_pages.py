"""The list of jobs and what is done to many: asked first, counted, in pieces, by right."""

import re
from html import unescape
from itertools import count
from urllib.parse import unquote

import pytest
import trio
from trio.testing import MockClock

from engine import commands as c
from engine.replies import PublishedMany
from frontends.http.pages import browsing, sweeping
from tests.frontends.http.pages.browser import Browser, Console, Seen


async def publish(console: Console, number: int, queue: str = "q", kind: str = "t") -> list[str]:
    jobs = tuple(c.NewJob(kind, b'{"n": %d}' % n) for n in range(number))
    reply = await console.run(c.PublishMany(queue, jobs))
    assert isinstance(reply, PublishedMany), reply
    return [one.job for one in reply.jobs]


def shown(seen: Seen) -> list[str]:
    """The ids in the list, in order."""
    assert seen.status == 200, seen.words
    return re.findall(r'<a class="id" href="/jobs/([^"]+)">', seen.text)


def next_of(seen: Seen) -> str | None:
    found = re.search(r'<a href="([^"]+)" rel="next"', seen.text)
    return found and found[1].replace("&amp;", "&")


async def counts(console: Console, queue: str = "q") -> dict[str, int]:
    reply = await console.run(c.Counts(queue))
    names = ("scheduled", "ready", "reserved", "done", "failed", "canceled", "expired")
    return {name: number for name, number in zip(names, reply.states, strict=True) if number}


async def test_a_state_narrows_the_search_that_is_there(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    await publish(console, 1)
    seen = await browser.get("/jobs?q=queue:q+state:ready")
    assert '<a href="/jobs?q=state%3Afailed+queue%3Aq">failed</a>' in seen.text
    assert 'href="/jobs?q=state%3Aready+queue%3Aq" aria-current="true">ready</a>' in seen.text


async def test_pages_newest_first(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    made = await publish(console, 120)
    seen = await browser.get("/jobs")
    found = shown(seen)
    for _ in range(2):
        assert len(shown(seen)) == 50
        target = next_of(seen)
        assert target is not None
        seen = await browser.get(target)
        found += shown(seen)
    assert found == made[::-1]
    assert next_of(seen) is None
    assert "(120)" in seen.text


async def test_a_search_lives_in_the_address(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    [_, one] = await publish(console, 2)
    await publish(console, 1, "other", "u")
    seen = await browser.get("/jobs?q=queue:q+payload.n:1")
    assert shown(seen) == [one]
    assert 'value="queue:q payload.n:1"' in seen.words
    assert shown(await browser.get(f"/jobs?q=id:{one}")) == [one]
    assert shown(await browser.get("/jobs?q=type:none")) == []


async def test_a_long_look_says_how_far_it_is_and_goes_on(
    autojump_clock: MockClock, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await console.logged_in()
    made = await publish(console, 30)
    monkeypatch.setattr(browsing, "SECONDS", 0.0)
    seen = await browser.get("/jobs?q=payload.n:3")
    found = shown(seen)
    looks = 0
    while target := next_of(seen):
        assert found == []
        assert re.search("Looked at .* jobs so far, and found none here", seen.text)
        assert "data-goes-on" in seen.text
        stopped = await browser.get(target.replace("before=", "stop=1&before="))
        assert "data-goes-on" not in stopped.text
        seen = await browser.get(target)
        found += shown(seen)
        looks += 1
        assert looks < 30
    assert looks
    assert found == [made[3]]


@pytest.mark.parametrize(
    "text", ["stat:failed", "state:gone", '"', "x" * 5000, "queue:%00", "age:soon", "%ff%fe"]
)
async def test_a_search_that_says_nothing_is_answered_in_words(
    autojump_clock: MockClock, console: Console, text: str
) -> None:
    browser = await console.logged_in()
    await publish(console, 1)
    seen = await browser.get(f"/jobs?q={text}")
    assert shown(seen) == []
    assert 'class="mistakes" role="alert"' in seen.text
    refused = await browser.get(f"/jobs?act=delete&every=1&q={text}")
    assert "Not done: the search says nothing" in (await browser.follow(refused)).words
    typed = unquote(text)
    done = await browser.post("/jobs", {"act": "delete", "every": "1", "q": typed})
    assert "Not done" in (await browser.follow(done)).words
    assert await counts(console) == {"ready": 1}


async def test_an_unknown_queue_is_said_to_be_so(
    autojump_clock: MockClock, console: Console
) -> None:
    await console.run(c.Publish("theirs", "t", b""), "eve", "field")
    browser = await console.logged_in()
    for queue in ("theirs", "nobodys"):
        seen = await browser.get(f"/jobs?q=queue:{queue}")
        assert seen.status == 200
        assert f"<code>queue:{queue}</code>: there is no such queue in this group" in seen.words
        assert (await browser.get(f"/jobs?act=delete&every=1&q=queue:{queue}")).status == 200
        done = await browser.post("/jobs", {"act": "delete", "every": "1", "q": f"queue:{queue}"})
        assert done.status == 404
    assert shown(await browser.get("/jobs")) == []


@pytest.mark.parametrize("cursor", ["before=x", "before=-1&looked=²", "start=%00&end=b", "end=zz"])
async def test_an_odd_cursor_breaks_nothing(
    autojump_clock: MockClock, console: Console, cursor: str
) -> None:
    browser = await console.logged_in()
    made = await publish(console, 3)
    assert shown(await browser.get(f"/jobs?{cursor}")) == made[::-1]


async def test_it_is_asked_first_with_the_count(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    made = await publish(console, 7)
    seen = await browser.get("/jobs?act=delete&every=1&q=state:ready")
    assert '<strong id="found">7 jobs</strong>' in seen.text
    assert "cannot be brought back" in seen.words
    assert 'id="able"' not in seen.text
    await console.run(c.Cancel(made[0]))
    for act, query, able in (("retry", "", 1), ("run", "", 0), ("retry", "state:ready", 0)):
        seen = await browser.get(f"/jobs?act={act}&every=1&q={query}")
        assert f'<strong id="able">{able}</strong>' in seen.text
    await console.run(c.Reset(made[0]))
    looked = await browser.get("/jobs?act=retry&every=1&q=payload.n:3")
    assert '<strong id="found">1 job</strong>' in looked.text
    some = await browser.get(f"/jobs?act=cancel&job={made[0]}&job={made[1]}")
    assert '<strong id="found">2 jobs</strong>' in some.text
    assert await counts(console) == {"ready": 7}


async def go(browser: Browser, form: dict[str, object]) -> tuple[Seen, int]:
    """Send the form, and what it goes on with, until it is done; and how many requests it took."""
    for number in count(1):
        seen = await browser.post("/jobs", form)
        if seen.status == 303:
            return await browser.follow(seen), number
        assert "data-goes-on" in seen.text, seen.words
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', seen.text)
        form = {name: unescape(value) for name, value in hidden}
        assert number < 100
    raise AssertionError


async def test_all_that_match_are_done(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    await publish(console, 130)
    await publish(console, 5, "other")
    seen, _ = await go(browser, {"act": "cancel", "every": "1", "q": "queue:q"})
    assert "130 jobs are canceled." in seen.words
    assert await counts(console) == {"canceled": 130}
    assert await counts(console, "other") == {"ready": 5}
    seen, _ = await go(browser, {"act": "retry", "every": "1", "q": ""})
    assert "130 jobs are retried. 5 not: the job's state does not allow this." in seen.words
    seen, _ = await go(browser, {"act": "move", "every": "1", "q": "", "to": "other"})
    assert "130 jobs are moved." in seen.words
    assert await counts(console, "other") == {"ready": 135}
    seen, _ = await go(browser, {"act": "delete", "every": "1", "q": "payload.n:3"})
    assert "2 jobs are deleted." in seen.words


async def test_many_are_done_in_pieces_with_progress(
    autojump_clock: MockClock, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await console.logged_in()
    await publish(console, 250)
    await console.run(c.Publish("q", "t", b"", c.PublishOptions(delay=60.0)))
    real = sweeping.change

    async def slow(*said: object) -> sweeping.Tally:
        await trio.sleep(sweeping.SECONDS)
        return await real(*said)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "change", slow)
    first = await browser.post("/jobs", {"act": "run", "every": "1", "q": ""})
    assert first.status == 200
    assert "1 job is made ready so far; 100 were looked at." in re.sub("<[^>]+>", "", first.words)
    seen, requests = await go(browser, {"act": "run", "every": "1", "q": ""})
    assert requests == 3
    assert "0 jobs are made ready. 251 not: the job's state does not allow this." in seen.words


async def test_chosen_ones_are_done(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    made = await publish(console, 3)
    seen, _ = await go(browser, {"act": "delete", "q": "", "job": [made[0], made[2], "unknown"]})
    assert "2 jobs are deleted. 1 not: there is no such job in this group." in seen.words
    assert shown(await browser.get("/jobs")) == [made[1]]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"act": "delete"}, "no job was chosen"),
        ({"act": "explode", "every": "1"}, "there is no such action"),
        ({"act": "move", "every": "1"}, "the queue to move to was not named"),
        ({"act": "move", "every": "1", "to": "a\x00"}, "a queue's name has"),
        ({"act": "delete", "job": ["x" * 65]}, "at most 200 jobs"),
        ({"act": "delete", "job": [str(n) for n in range(201)]}, "at most 200 jobs"),
    ],
)
async def test_a_form_that_is_no_good_changes_nothing(
    autojump_clock: MockClock, console: Console, form: dict[str, object], words: str
) -> None:
    browser = await console.logged_in()
    await publish(console, 1)
    seen = await browser.follow(await browser.post("/jobs", form))
    assert f"Not done: {words}" in seen.words
    assert await counts(console) == {"ready": 1}


async def test_who_only_reads_sees_no_buttons_and_is_refused(
    autojump_clock: MockClock, console: Console
) -> None:
    looker = await console.logged_in("looker")
    await publish(console, 2)
    page = (await looker.get("/jobs")).text
    assert 'name="act"' not in page
    assert 'type="checkbox" name="job"' not in page
    for act in ("retry", "run", "cancel", "move", "delete"):
        assert (await looker.get(f"/jobs?act={act}&every=1")).status == 403
        assert (await looker.post("/jobs", {"act": act, "every": "1", "to": "x"})).status == 403
    assert await counts(console) == {"ready": 2}


async def test_nobody_sees_jobs_without_the_right_to_read(
    autojump_clock: MockClock, console: Console
) -> None:
    seen = await console.browser().get("/jobs")
    assert seen.status == 303
    assert seen.location.startswith("/login")


async def test_names_that_look_like_code_are_text(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    await publish(console, 1, "<script>alert(1)</script>", "{{7*7}}")
    seen = await browser.get('/jobs?q=type:"{{7*7}}"')
    assert len(shown(seen)) == 1
    assert "<script>alert" not in seen.text
    assert "{{7*7}}" in seen.words
