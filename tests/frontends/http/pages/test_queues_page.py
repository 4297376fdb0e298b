"""The list of queues: what it shows, to whom, and that no name breaks it."""

import pytest

from engine.commands import Drain, Pause, Publish
from engine.history import Tally
from frontends.http.pages.queue_list import PAGE
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.working import HOSTILE, connect


async def test_an_empty_group_says_what_to_do(console: Console) -> None:
    seen = await (await console.logged_in()).get("/queues")
    assert seen.status == 200
    assert "There is no queue in this group yet" in seen.text


async def test_a_queue_is_shown_with_its_counts_and_who_stopped_it(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(3):
        await console.run(Publish("mail", "t", b"%d" % number))
    await console.run(Pause("mail"))
    await console.run(Publish("old", "t", b""))
    await console.run(Drain("old"), "bob")
    seen = await browser.get("/queues")
    assert 'href="/queues/mail"' in seen.text
    assert "paused by ada" in seen.text
    assert "draining, asked by bob" in seen.text
    assert "1 to 2 of 2 queues" in seen.text


async def test_rates_and_lines_come_from_what_was_sampled(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    assert "<polyline" not in (await browser.get("/queues")).text
    seen = console.site.observed
    assert seen is not None
    for number in range(1, 4):
        tallies = {("yard", "mail"): Tally(number * 50, 0, 0, 1), ("field", "x"): Tally(9, 9, 0, 0)}
        seen.history.sample(tallies, console.site.now())
    page = await browser.get("/queues")
    assert "<polyline" in page.text
    assert "5 / 0" in page.text


async def test_jobs_that_wait_without_a_worker_stand_out(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    assert "no worker is subscribed" in (await browser.get("/queues")).text
    await connect(console, "mail")
    assert "no worker is subscribed" not in (await browser.get("/queues")).text


async def test_the_list_is_searched_sorted_and_paged_by_its_address(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(PAGE + 2):
        await console.run(Pause(f"queue-{number:03}"))
    await console.run(Publish("full", "t", b""))
    first = await browser.get("/queues?sort=-name")
    assert "queue-051" in first.text
    assert "queue-001" not in first.text
    assert "page=2" in first.text
    assert "queue-001" in (await browser.get("/queues?sort=-name&page=2")).text
    found = await browser.get("/queues?q=FUL")
    assert "1 to 1 of 1 queue" in found.text
    assert "queue-001" not in found.text
    by_count = (await browser.get("/queues?sort=waiting")).text
    assert by_count.index(">full<") < by_count.index(">queue-000<")
    assert "No queue has this in its name" in (await browser.get("/queues?q=none")).text


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "٣", "9" * 5000, "1_0", "", "1e9"])
async def test_a_page_that_is_none_is_a_page_all_the_same(console: Console, page: str) -> None:
    browser = await console.logged_in()
    await console.run(Pause("mail"))
    seen = await browser.send("GET", f"/queues?page={page}".encode().decode("latin-1"), b"", {})
    assert seen.status == 200
    assert "mail" in seen.text


async def test_who_only_reads_sees_no_buttons_and_is_refused(console: Console) -> None:
    await console.run(Pause("mail"))
    looker = await console.logged_in("looker")
    seen = await looker.get("/queues")
    assert "mail" in seen.text
    assert "/queues/mail/" not in seen.text
    assert 'href="/publish"' not in seen.text
    for act in ("pause", "resume", "drain", "retry", "purge", "delete"):
        answer = await looker.post(f"/queues/mail/{act}", {"back": "/queues"})
        assert "do not have the right" in (await looker.follow(answer)).text
    for act in ("purge", "delete"):
        assert (await looker.get(f"/queues/mail/{act}")).status == 403
    assert "paused by ada" in (await looker.get("/queues")).text


async def test_queues_of_other_groups_are_unknown(console: Console) -> None:
    await console.run(Publish("mail", "t", b""))
    eve = await console.logged_in("eve")
    assert "mail" not in (await eve.get("/queues")).text
    there, nowhere = await eve.get("/queues/mail"), await eve.get("/queues/none")
    assert (there.status, there.text.replace("mail", "none")) == (404, nowhere.text)
    for act in ("pause", "drain", "purge", "delete"):
        await eve.post(f"/queues/mail/{act}", {"back": "/queues"})
    ada = await console.logged_in()
    assert "paused" not in (await ada.get("/queues")).text
    assert "mail" in (await ada.get("/queues")).text


async def test_who_may_not_read_sees_nothing(console: Console) -> None:
    nobody = await console.logged_in("nobody")
    for path in ("/queues", "/workers", "/recurrences"):
        assert (await nobody.get(path)).status == 403


async def test_no_name_breaks_a_page(console: Console) -> None:
    browser = await console.logged_in()
    at = console.app.places.at
    for name in HOSTILE:
        await console.run(Publish(name, name, b"{}"))
    seen = await browser.get("/queues")
    assert "<script>alert" not in seen.text
    assert "<img" not in seen.text
    for name in HOSTILE:
        assert name in seen.words
        assert f'href="{at("queues", name)}"' in seen.text
        for path in (at("queues", name), at("queues", name, "purge"), at("queues", name, "delete")):
            page = await browser.get(path)
            assert page.status == 200, path
            assert name in page.words
            assert "<script>alert" not in page.text
            assert "<img" not in page.text


async def test_no_name_keeps_a_queue_from_being_steered(console: Console) -> None:
    browser = await console.logged_in()
    at = console.app.places.at
    for name in HOSTILE:
        await console.run(Publish(name, "t", b"{}"))
        await browser.post(at("queues", name, "pause"), {"back": "/queues"})
        assert "paused by ada" in (await browser.get(at("queues", name))).words
        gone = await browser.follow(await browser.post(at("queues", name, "delete"), {}))
        assert f"Queue {name} is deleted." in gone.words
        assert (await browser.get(at("queues", name))).status == 404
