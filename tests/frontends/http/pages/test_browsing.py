"""Pages of jobs over many queues: everything once, newest first, in bounded pieces."""

import pytest
import trio

from config.settings import Settings
from config.users import Group
from engine import commands as c
from engine.access import MEMBER, Principal, caller
from engine.replies import Granted, OneJob, PublishedMany, Refused
from frontends.http.pages import browsing
from frontends.http.pages.browsing import BEGINNING, WIDTH, Browser, Cursor, Page, cursor_from
from frontends.http.pages.search import parse
from frontends.http.site import Site
from tests.support.sites import memory_site

WHO = caller(Principal("ada", {"g": MEMBER, "other": MEMBER}), "g")
OTHER = caller(Principal("eve", {"other": MEMBER}), "other")
SETTINGS = Settings(groups=(Group("g"), Group("other")))


async def publish(site: Site, queue: str, *jobs: c.NewJob) -> list[str]:
    reply = await site.engine.execute(WHO, c.PublishMany(queue, jobs))
    assert isinstance(reply, PublishedMany)
    return [one.job for one in reply.jobs]


async def read(site: Site, text: str = "", limit: int = 50) -> list[Page]:
    """Every page there is."""
    search, mistakes = parse(text)
    assert not mistakes
    pages: list[Page] = []
    cursor: Cursor | None = BEGINNING
    while cursor is not None:
        page = await Browser(site, WHO, search, limit).page(cursor)
        assert isinstance(page, Page)
        assert len(page.jobs) <= limit
        pages.append(page)
        assert len(pages) < 1000
        cursor = page.next and cursor_from({k: str(v) for k, v in page.next.query.items() if v}.get)
    return pages


def ids(pages: list[Page]) -> list[str]:
    return [job.id for page in pages for job in page.jobs]


async def test_one_queue_newest_first(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        made = await publish(site, "a", *(c.NewJob("t", b"%d" % n) for n in range(130)))
        pages = await read(site, "queue:a")
        assert ids(pages) == made[::-1]
        assert [len(page.jobs) for page in pages] == [50, 50, 30]
        assert pages[-1].looked == 130


async def test_few_queues_are_one_list(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        made = []
        for number in range(60):
            made += await publish(site, f"q{number % 7}", c.NewJob("t", b""))
        assert ids(await read(site, limit=11)) == made[::-1]


async def test_many_queues_come_in_rounds(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        made: dict[str, list[str]] = {}
        for number in range(3 * WIDTH + 1):
            name = f"q{number:03d}"
            made[name] = await publish(site, name, *(c.NewJob("t", b"") for _ in range(3)))
        found = ids(await read(site, limit=7))
        assert sorted(found) == sorted(job for jobs in made.values() for job in jobs)
        first = [made[f"q{number:03d}"] for number in range(WIDTH)]
        assert found[: 3 * WIDTH] == [job for jobs in first for job in jobs][::-1]


async def test_filters_of_every_kind(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        [old] = await publish(site, "a", c.NewJob("t", b'{"n": 1}'))
        await trio.sleep(7200)
        [new, late] = await publish(
            site, "b", c.NewJob("t", b'{"n": 2}'),
            c.NewJob("u", b'{"n": 1}', c.PublishOptions(delay=60.0)),
        )  # fmt: skip
        for text, found in (
            ("payload.n:1", [late, old]),
            ("state:ready", [new, old]),
            ("type:u", [late]),
            ("age:>1h", [old]),
            ("age:<1h", [late, new]),
            (f"id:{old}", [old]),
            ("queue:b payload.n:1", [late]),
            ("error:x", []),
        ):
            assert ids(await read(site, text)) == found, text


async def test_payloads_of_jobs_that_are_over_are_looked_into(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with memory_site(SETTINGS) as site:
        [job] = await publish(site, "a", c.NewJob("t", b"needle"))
        await site.engine.execute(WHO, c.Override(job, "done"))
        assert ids(await read(site, "state:done payload:needle")) == [job]
        [failed] = await publish(site, "a", c.NewJob("t", b""))
        granted = await site.engine.execute(WHO, c.Reserve("a"))
        assert isinstance(granted, Granted)
        reservation = granted.jobs[0].reservation
        say = c.Fail(failed, reservation, error="Disk gone", error_type="OSError", retry=False)
        await site.engine.execute(WHO, say)
        assert ids(await read(site, "error:disk")) == [failed]


async def test_a_page_stops_after_its_time_and_never_before_it_moved(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "SECONDS", 0.0)
    async with memory_site(SETTINGS) as site:
        made = []
        for number in range(100):
            made += await publish(site, f"q{number % 25}", c.NewJob("t", b"x"))
        found = await read(site, "payload:x")
        assert len(found) > 2
        assert sorted(ids(found)) == sorted(made)
        looked = [page.looked for page in found]
        assert looked == sorted(looked)
        assert looked[0] < looked[-1] == 100
        assert ids(await read(site, "payload:nothing")) == []


async def test_a_page_holds_on_to_little(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        big = b"x" * (1 << 19)
        for number in range(30):
            [job] = await publish(site, f"q{number}", c.NewJob("t", big + b"needle"[: number // 2]))
            granted = await site.engine.execute(WHO, c.Reserve(f"q{number}"))
            assert isinstance(granted, Granted)
            await site.engine.execute(WHO, c.Done(job, granted.jobs[0].reservation, big))
        [page] = await read(site, "payload:needle")
        assert len(page.jobs) == 18
        for found in page.jobs:
            assert len(found.payload or b"") < 2_000
            assert found.details is None or found.details.result is None
        whole = await site.engine.execute(WHO, c.Get(page.jobs[0].id))
        assert isinstance(whole, OneJob)
        assert len(whole.job.payload or b"") > 1 << 19, "the engine's own job is as it was"


async def test_other_groups_are_not_there(autojump_clock: trio.testing.MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        await site.engine.execute(OTHER, c.Publish("theirs", "t", b"secret"))
        assert ids(await read(site)) == []
        search, _ = parse("queue:theirs")
        assert isinstance(await Browser(site, WHO, search, 50).page(BEGINNING), Refused)


async def test_a_queue_that_goes_meanwhile_has_no_jobs(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with memory_site(SETTINGS) as site:
        made = await publish(site, "b", c.NewJob("t", b""))
        await publish(site, "a", c.NewJob("t", b""))
        names = site.engine.queue_names("g")
        await site.engine.execute(WHO, c.DeleteQueue("a"))
        await trio.sleep(4000)
        browser = Browser(site, WHO, parse("")[0], 50)
        browser._names = lambda: sorted(names)  # type: ignore[method-assign]
        page = await browser.page(BEGINNING)
        assert isinstance(page, Page)
        assert [job.id for job in page.jobs] == made


def test_a_cursor_that_says_nothing_is_the_beginning() -> None:
    for said in ({}, {"before": "x"}, {"before": "-1"}, {"before": "9" * 5000}, {"before": "²"}):
        assert cursor_from(said.get) == BEGINNING
    assert cursor_from({"start": "a\n", "before": "5"}.get) == BEGINNING
    cursor = Cursor(5, "a/b", "c", 7)
    said = {name: str(value) for name, value in cursor.query.items()}
    assert cursor_from(said.get) == cursor
