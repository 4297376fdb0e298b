"""Pages that change while somebody looks at them, and never under their hands."""

from playwright.sync_api import Locator, Page, Route, expect

from jobyard import BlockingClient
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

LIVE = "**/console/live*"
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def opened(visit: Visit, client: BlockingClient, queue: str) -> Visitor:
    """The list of two queues with a job each, which hears of changes."""
    for name in (f"{queue}-a", f"{queue}-b"):
        client.publish(name, "t")
    visitor = visit().log_in()
    with visitor.page.expect_request(LIVE):
        visitor.go(f"/queues?q={queue}")
    expect(waiting(visitor.page, f"{queue}-a")).to_have_text("1")
    expect(visitor.page.get_by_role("button", name="Live")).to_be_visible()
    return visitor


def waiting(page: Page, queue: str) -> Locator:
    """How many jobs wait in a queue, as its row says."""
    return page.locator("tbody tr").filter(has_text=queue).locator("td.number").first


def test_a_row_stays_as_it_is_under_the_focus(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    visitor = opened(visit, client, queue)
    page = visitor.page
    link = page.get_by_role("link", name=f"{queue}-a", exact=True)
    link.focus()
    for name in (f"{queue}-a", f"{queue}-b"):
        client.publish(name, "t")
    expect(waiting(page, f"{queue}-b")).to_have_text("2")
    expect(link).to_be_focused()
    expect(waiting(page, f"{queue}-a")).to_have_text("1")
    link.blur()
    expect(waiting(page, f"{queue}-a")).to_have_text("2")


def test_a_hidden_page_asks_for_nothing(visit: Visit, client: BlockingClient, queue: str) -> None:
    visitor = opened(visit, client, queue)
    page = visitor.page
    page.evaluate(HIDE, True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    client.publish(f"{queue}-a", "t")
    page.wait_for_timeout(1_500)
    assert asked == []
    page.evaluate(HIDE, False)
    expect(waiting(page, f"{queue}-a")).to_have_text("2")


def test_without_a_stream_the_page_is_asked_for_now_and_then(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    client.publish(queue, "t")
    visitor = visit().log_in()
    page = visitor.page

    def refuse(route: Route) -> None:
        route.fulfill(status=503)

    page.route(LIVE, refuse)
    visitor.go(f"/queues?q={queue}")
    expect(page.get_by_role("button", name="Polling")).to_be_visible()
    client.publish(queue, "t")
    expect(waiting(page, queue)).to_have_text("2")
    visitor.forgive("503")


def test_who_is_logged_out_elsewhere_is_asked_to_log_in(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    visitor = opened(visit, client, queue)
    page = visitor.page
    other = page.context.new_page()
    other.goto("/")
    other.locator("[popovertarget=account]").click()
    other.get_by_role("button", name="Log out", exact=True).click()
    other.get_by_label("Password").wait_for()
    client.publish(f"{queue}-a", "t")
    expect(page.get_by_label("Password")).to_be_visible()
    visitor.forgive("401")


def test_a_list_of_jobs_begins_and_ends_as_they_come_and_go(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    visitor = visit().log_in()
    page = visitor.page
    with page.expect_request(LIVE):
        visitor.go(f"/jobs?q=queue%3A{queue}+state%3Aready")
    expect(page.get_by_role("main")).to_contain_text("there is no such queue")
    made = client.publish(queue, "t")
    expect(page.locator("tbody tr")).to_have_count(1)
    client.cancel(made.job)
    expect(page.get_by_role("main")).to_contain_text("No job matches")


def test_what_was_deleted_elsewhere_is_said_to_be_gone(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    made = client.publish(queue, "t")
    visitor = visit().log_in()

    def late(route: Route) -> None:
        client.delete(made.job)  # after the page was read, before its stream begins
        route.continue_()

    visitor.page.route(LIVE, late, times=1)
    visitor.go(f"/jobs/{made.job}")
    expect(visitor.page.get_by_role("alert")).to_contain_text("not there any more")
    visitor.forgive("404")
