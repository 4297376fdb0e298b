"""Who works for the queues of a group, and kicking somebody out."""

from urllib.parse import quote

import pytest

from engine.commands import Done, ListWorkers, Pause, Publish
from engine.replies import Workers, WorkerView
from frontends.http.pages.connections import connections
from frontends.http.pages.workers import PAGE
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.working import HOSTILE, connect

ADDRESS = "198.51.100.7:5000"


def view(address: str, since: float = 0.0, **more: object) -> WorkerView:
    usual = {"groups": None, "busy": False, "types": (), "credit": 1, "holding": ()}
    return WorkerView("w", address, since=since, **{**usual, **more})  # type: ignore[arg-type]


def test_a_connection_is_one_row_whatever_it_is_subscribed_to() -> None:
    one = view("a:1", 5.0, types=("x",), holding=("j1",), finished=4)
    other = view("a:1", 3.0, types=("x", "y"), holding=("j2",), credit=2, finished=4, busy=True)
    first, second = connections([("q", (one, view("b:1", 4.0))), ("r", (other,))])
    assert (first.address, first.since, first.queues) == ("a:1", 3.0, ("q", "r"))
    assert (first.types, first.holding, first.credit) == (("x", "y"), ("j1", "j2"), 3)
    assert (first.finished, first.busy) == (4, True)
    assert (second.address, second.types) == ("b:1", ())


def test_who_takes_everything_of_one_queue_takes_every_type() -> None:
    (row,) = connections([("q", (view("a:1", types=("x",)),)), ("r", (view("a:1"),))])
    assert row.types == ()


async def test_without_workers_the_page_says_how_to_start_one(console: Console) -> None:
    seen = await (await console.logged_in()).get("/workers")
    assert "No worker is subscribed in this group: start one" in seen.text


async def test_a_worker_is_shown_with_what_it_holds_and_did(console: Console) -> None:
    browser = await console.logged_in()
    peer = await connect(console, "mail", "news", types=("t",))
    jobs = [(await console.run(Publish("mail", "t", b""))).job for _ in range(2)]
    done = Done(jobs[0])
    who = console.caller()
    who.peer = peer
    await console.site.engine.execute(who, done)
    seen = await browser.get("/workers")
    row = seen.text.partition("<tbody>")[2].partition("</tr>")[0]
    assert row.count("<tr") == 1
    assert ADDRESS in row
    assert f'href="/jobs/{jobs[1]}"' in row
    assert jobs[0] not in row
    assert '<td class="number">1</td>' in row
    assert 'href="/queues/news"' in row
    assert "1 worker" in seen.text


async def test_workers_are_searched_and_paged(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(PAGE + 1):
        await connect(console, "mail", port=6000 + number)
    await connect(console, "news", port=7000, types=("Large",))
    first = await browser.get("/workers")
    assert "page=2" in first.text
    assert f"{PAGE + 2} workers" in first.text
    assert "198.51.100.7:7000" in (await browser.get("/workers?page=9999999")).text
    found = await browser.get("/workers?q=large")
    assert "1 worker" in found.text
    assert "7000" in found.text
    assert "No worker has this in its name" in (await browser.get("/workers?q=none")).text


async def test_kicking_asks_first_and_ends_every_subscription(console: Console) -> None:
    browser = await console.logged_in()
    await connect(console, "mail", "news")
    await connect(console, "mail", port=5001)
    job = (await console.run(Publish("mail", "t", b""))).job
    seen = await browser.get("/workers")
    assert f'href="/workers/kick?address={quote(ADDRESS, safe="")}"' in seen.text
    asked = await browser.get(f"/workers/kick?address={ADDRESS}")
    assert "It holds 1 job, which comes back at once" in asked.text
    assert job in asked.text
    kicked = await browser.follow(await browser.post("/workers/kick", {"address": ADDRESS}))
    assert "has no subscription left" in kicked.text
    for queue in ("mail", "news"):
        workers = await console.run(ListWorkers(queue))
        assert isinstance(workers, Workers)
        assert ADDRESS not in {each.address for each in workers.workers}
    assert "198.51.100.7:5001" in kicked.text
    assert (await browser.post("/workers/kick", {"address": ADDRESS})).status == 404
    assert (await browser.get(f"/workers/kick?address={ADDRESS}")).status == 404


@pytest.mark.parametrize("address", ["", "x" * 5000, "<script>", "\x00", "a:1&b=2"])
async def test_an_address_that_nobody_has_is_unknown(console: Console, address: str) -> None:
    browser = await console.logged_in()
    await connect(console, "mail")
    assert (await browser.post("/workers/kick", {"address": address})).status == 404
    asked = await browser.get(f"/workers/kick?address={quote(address)}")
    assert asked.status == 404
    assert "<script>" not in asked.text.partition("<main")[2]


async def test_who_only_reads_kicks_nobody(console: Console) -> None:
    await connect(console, "mail")
    looker = await console.logged_in("looker")
    seen = await looker.get("/workers")
    assert ADDRESS in seen.text
    assert "kick" not in seen.text.lower()
    assert (await looker.get(f"/workers/kick?address={ADDRESS}")).status == 403
    assert (await looker.post("/workers/kick", {"address": ADDRESS})).status == 403
    assert ADDRESS in (await looker.get("/workers")).text


async def test_workers_of_other_groups_are_unknown(console: Console) -> None:
    await connect(console, "mail")
    await connect(console, "theirs", name="eve", group="field", port=5009)
    eve = await console.logged_in("eve")
    seen = await eve.get("/workers")
    assert ADDRESS not in seen.text
    assert "198.51.100.7:5009" in seen.text
    assert (await eve.post("/workers/kick", {"address": ADDRESS})).status == 404
    assert ADDRESS in (await (await console.logged_in()).get("/workers")).text


async def test_no_name_breaks_the_page(console: Console) -> None:
    browser = await console.logged_in()
    for number, name in enumerate(HOSTILE):
        await console.run(Pause(name))
        await connect(console, name, types=(name,), port=7000 + number)
    seen = await browser.get("/workers")
    assert all(f'href="{console.app.places.at("queues", name)}"' in seen.text for name in HOSTILE)
    assert "<script>alert" not in seen.text
    assert "<code>{{ 7 * 7 }}</code>" in seen.text
