"""What publishers write is shown to people, and never run."""

import json

import pytest
from playwright.sync_api import expect

from jobyard import BlockingClient
from tests.browser.conftest import Visit

SCRIPT = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
TEMPLATE = "{{ 7777777 * 7 }} {% raw %} ${7777777 * 7} <%= 7777777 * 7 %>"
CONTROL = "\x00\x07\x1b[31mred\x1b[0m\x7f\u202egnp.exe\u2066"
HIDDEN = "\x00\x07\x1b\x7f\u202e\u2066"
MIB = 1 << 20


@pytest.mark.parametrize("said", [SCRIPT, TEMPLATE, CONTROL], ids=["script", "template", "control"])
def test_hostile_text_is_shown_wherever_it_stands(
    visit: Visit, client: BlockingClient, queue: str, said: str
) -> None:
    kind = "".join(each for each in said if each.isprintable())[:200]
    made = client.publish(queue, kind, said, max_attempts=1)
    (held,) = client.reserve(queue)
    client.log(held, said)
    client.progress(held, 0.5, said[:100])
    client.fail(held, said, error_type=kind, trace=said)
    visitor = visit().log_in()
    for path in (
        f"/jobs/{made.job}",
        f"/queues/{queue}",
        f"/jobs?q=queue%3A{queue}",
        f"/failures?q=queue%3A{queue}",
        "/",
    ):
        visitor.go(path)
        assert visitor.page.title() != "run"
        main = visitor.page.get_by_role("main")
        expect(main.locator("script, img")).to_have_count(0)
        expect(main).not_to_contain_text("54444439")
        shown = main.inner_text()
        assert [each for each in HIDDEN if each in shown] == [], path
    visitor.go(f"/jobs/{made.job}")
    expect(visitor.page.get_by_role("main")).to_contain_text(kind[:40])


def test_json_keeps_every_digit_and_its_markup(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    said = '{"n": 12345678901234567890.10, "text": "</pre><script>document.title=\'run\'</script>"}'
    made = client.publish(queue, "t", said, content_type="application/json")
    visitor = visit().log_in()
    visitor.go(f"/jobs/{made.job}")
    expect(visitor.page.get_by_role("main")).to_contain_text("12345678901234567890.10")
    expect(visitor.page.get_by_role("main")).to_contain_text("</pre><script>")
    assert visitor.page.title() != "run"


def test_a_mebibyte_is_shown_in_part_and_kept_whole(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    said = json.dumps({"long": "<b>" * ((MIB - 64) // 3)})
    made = client.publish(queue, "t", said)
    visitor = visit().log_in()
    for path in (f"/jobs/{made.job}", f"/jobs?q=queue%3A{queue}", f"/queues/{queue}"):
        visitor.go(path)
        expect(visitor.page.get_by_role("main")).to_contain_text(made.job[-6:])
        assert len(visitor.page.content()) < MIB // 2
        expect(visitor.page.get_by_role("main").locator("b")).to_have_count(0)


def test_names_that_look_like_paths_lead_to_their_pages(
    visit: Visit, client: BlockingClient
) -> None:
    visitor = visit().log_in()
    for name in ("..", "a/../b", "<i>q</i>", "50% off?x=1#y", "tab~2f", "مرحبا", "'\"><script>"):
        client.publish(name, "t", "p")
        visitor.go("/queues")
        visitor.page.get_by_role("searchbox").fill(name)
        visitor.page.keyboard.press("Enter")
        visitor.page.get_by_role("rowheader").get_by_role("link", name=name, exact=True).click()
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(name)
        visitor.go("/publish")
        client.delete_queue(name)
