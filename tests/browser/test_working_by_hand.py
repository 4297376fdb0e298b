"""What people do in the console, with a real worker on the other side."""

import re
import threading

from playwright.sync_api import expect

from jobyard import BlockingClient, Job, NewJob, Worker
from tests.acceptance.served import PASSWORD, WITHIN, Server
from tests.browser.conftest import Visit
from tests.browser.people import READER, url_of
from tests.browser.visitor import Visitor
from tests.browser.workers import working


def failed(client: BlockingClient, queue: str, count: int) -> list[str]:
    """Jobs that failed for good; their ids."""
    once = [NewJob("send", f"mail {each}", {"max_attempts": 1}) for each in range(count)]
    made = [each.job for each in client.publish_many(queue, once)]
    for job in client.reserve(queue, limit=count):
        client.fail(job, "no answer", error_type="Timeout")
    return made


def test_a_published_job_is_seen_to_end_without_reloading(
    visit: Visit, yard: Server, queue: str
) -> None:
    going, may_end = threading.Event(), threading.Event()
    worker = Worker(url_of(yard), queue)

    @worker.task("greet")
    def greet(job: Job) -> str:
        going.set()
        assert may_end.wait(WITHIN)
        return "hello"

    visitor = visit().log_in()
    page = visitor.page
    visitor.go(f"/publish?queue={queue}")
    page.locator("[name=type]").fill("greet")
    page.locator("[name=payload]").fill('{"to": "ada", "big": 12345678901234567890123}')
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("status").get_by_role("link").click()
    state = page.locator("#head .state").first
    expect(state).to_have_text("ready")
    expect(page.get_by_role("main")).to_contain_text("12345678901234567890123")
    page.evaluate("window.neverReloaded = true")
    with working(worker):
        assert going.wait(WITHIN)
        expect(state).to_have_text("reserved")
        may_end.set()
        expect(state).to_have_text("done")
    expect(page.get_by_role("main")).to_contain_text("hello")
    assert page.evaluate("window.neverReloaded")


def test_rows_of_a_list_change_in_place(visit: Visit, client: BlockingClient, queue: str) -> None:
    client.publish(queue, "t")
    visitor = visit().log_in()
    visitor.go(f"/queues?q={queue}")
    waiting = visitor.row(queue).locator("td.number").first
    expect(waiting).to_have_text("1")
    client.publish(queue, "t")
    expect(waiting).to_have_text("2")


def test_pausing_leaves_the_page_as_it_is(visit: Visit, client: BlockingClient, queue: str) -> None:
    client.publish(queue, "t")
    visitor = visit().log_in()
    visitor.go(f"/queues?q={queue}")
    switch = visitor.page.locator("#live")
    waiting = visitor.row(queue).locator("td.number").first
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    client.publish(queue, "t")
    visitor.page.wait_for_timeout(1_500)
    expect(waiting).to_have_text("1")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(waiting).to_have_text("2")


def test_searching_and_retrying_all_that_match(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    ids = failed(client, queue, 5)
    client.publish(queue, "send", "not failed")
    visitor = visit().log_in()
    page = visitor.page
    visitor.go("/jobs")
    page.get_by_role("searchbox").fill(f"queue:{queue} state:failed error:timeout")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(5)
    assert "q=" in page.url
    page.get_by_label("all that match").check()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#found")).to_have_text("5 jobs")
    assert client.counts(queue).states["failed"] == 5
    page.get_by_role("button", name="Retry them").click()
    expect(page.get_by_role("status").first).to_contain_text("5 jobs")
    assert client.counts(queue).states["ready"] == 6
    assert {client.get(each).state for each in ids} == {"ready"}


def test_chosen_rows_alone_are_retried(visit: Visit, client: BlockingClient, queue: str) -> None:
    ids = failed(client, queue, 3)
    visitor = visit().log_in()
    visitor.go(f"/jobs?q=queue%3A{queue}+state%3Afailed")
    visitor.page.get_by_label(f"Choose job {ids[1]}").check()
    visitor.page.get_by_role("button", name="Retry").click()
    visitor.page.get_by_role("button", name="Retry it").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text("1 job")
    assert [client.get(each).state for each in ids] == ["failed", "ready", "failed"]


def test_one_failure_is_tried_and_then_the_rest(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    failed(client, queue, 4)
    visitor = visit().log_in()
    page = visitor.page
    visitor.go(f"/failures?q=queue%3A{queue}")
    row = visitor.row("Timeout")
    expect(row.get_by_role("link", name="4", exact=True)).to_be_visible()
    row.get_by_role("button", name="Try one").click()
    expect(page.locator("#head .state").first).to_have_text("ready")
    (taken,) = client.reserve(queue)
    client.done(taken)
    expect(page.locator("#head .state").first).to_have_text("done")
    page.get_by_role("link", name="retry the rest").click()
    page.get_by_role("button", name="Retry them").click()
    expect(page.get_by_role("status").first).to_contain_text("3 jobs")
    assert client.counts(queue).states["failed"] == 0


def test_who_may_only_read_changes_nothing(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    made = client.publish(queue, "t", "p")
    visitor = visit().log_in(READER, PASSWORD)
    page = visitor.page
    for path in (f"/queues/{queue}", f"/jobs/{made.job}", f"/jobs?q=queue%3A{queue}"):
        visitor.go(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for word in ("Delete", "Purge", "Pause", "Drain", "Publish", "Cancel", "Move"):
            main = page.get_by_role("main")
            begins = re.compile(rf"^{word}\b")
            expect(main.get_by_role("button", name=begins)).to_have_count(0)
            expect(main.get_by_role("link", name=begins)).to_have_count(0)
    for path in (f"/queues/{queue}/delete", f"/queues/{queue}/pause", f"/jobs/{made.job}/delete"):
        assert_refused(visitor, path)
    assert client.counts(queue).states["ready"] == 1
    for path in ("/users", "/audit"):
        assert visitor.go(path).status == 403
    visitor.forgive("403")


def assert_refused(visitor: Visitor, path: str) -> None:
    """Press a button that is not there."""
    visitor.page.evaluate(
        """path => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = path;
            document.body.append(form);
            form.submit();
        }""",
        path,
    )
    expect(visitor.page.get_by_role("alert").first).to_contain_text("Not done")


def test_all_rows_are_chosen_at_once(visit: Visit, client: BlockingClient, queue: str) -> None:
    ids = failed(client, queue, 3)
    visitor = visit().log_in()
    page = visitor.page
    visitor.go(f"/jobs?q=queue%3A{queue}")
    everyone = page.get_by_label("Choose all shown here")
    everyone.check()
    for each in ids:
        expect(page.get_by_label(f"Choose job {each}")).to_be_checked()
    page.get_by_label(f"Choose job {ids[0]}").uncheck()
    expect(everyone).not_to_be_checked()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#found")).to_have_text("2 jobs")


def test_canceling_a_job_asks_first(visit: Visit, client: BlockingClient, queue: str) -> None:
    made = client.publish(queue, "t")
    visitor = visit().log_in()
    visitor.go(f"/jobs/{made.job}")
    visitor.page.get_by_role("button", name="Cancel…").click()
    assert client.get(made.job).state == "ready"
    visitor.page.get_by_role("button", name="Cancel the job").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text("canceled")
    assert client.get(made.job).state == "canceled"
