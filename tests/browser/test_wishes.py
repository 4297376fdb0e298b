"""The wish list of jobatator's web interface, each wish a test."""

from contextlib import closing

from playwright.sync_api import expect

from jobyard import BlockingClient
from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, USER, Server
from tests.browser.conftest import Visit
from tests.browser.people import OTHER, url_of


def test_log_in(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/")
    page = visitor.page
    page.get_by_label("User", exact=True).fill(USER)
    page.get_by_label("Password", exact=True).fill("not this")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("No user has this password")
    visitor.forgive("401")
    visitor.log_in()
    expect(page.get_by_role("button", name=f"{USER} member")).to_be_visible()


def test_server_stats(visit: Visit) -> None:
    visitor = visit().log_in()
    main = visitor.page.get_by_role("main")
    for fact in ("Up since", "Store", "Commits", "Connections", "Workers", "Published"):
        expect(main.get_by_text(fact, exact=True).first).to_be_visible()


def test_switch_group(visit: Visit, yard: Server, client: BlockingClient, queue: str) -> None:
    client.publish(queue, "here")
    with BlockingClient(url_of(yard, OTHER)) as other:
        other.publish(f"{queue}-there", "there")
    visitor = visit().log_in()
    visitor.go(f"/queues?q={queue}")
    expect(visitor.row(queue)).to_have_count(1)
    visitor.page.get_by_role("combobox", name="Group").select_option(OTHER)
    expect(visitor.page.get_by_role("status")).to_contain_text(f"group {OTHER}")
    visitor.go(f"/queues?q={queue}")
    expect(visitor.row(f"{queue}-there")).to_have_count(1)
    expect(visitor.page.locator("tbody tr")).to_have_count(1)
    visitor.page.get_by_role("combobox", name="Group").select_option(GROUP)
    visitor.page.wait_for_url("**/")


def test_queues(visit: Visit, client: BlockingClient, queue: str) -> None:
    for number in range(3):
        client.publish(queue, "welcome", str(number))
    visitor = visit().log_in()
    visitor.page.get_by_role("link", name="Queues", exact=True).first.click()
    visitor.page.get_by_role("searchbox").fill(queue)
    visitor.page.keyboard.press("Enter")
    row = visitor.row(queue)
    expect(row.locator("td.number").first).to_have_text("3")
    row.get_by_role("link", name=queue, exact=True).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(queue)
    expect(visitor.page.get_by_role("main")).to_contain_text("No worker is subscribed")


def test_jobs_and_recurrent_jobs(visit: Visit, client: BlockingClient, queue: str) -> None:
    made = client.publish(queue, "welcome", "to whom it may concern")
    client.set_recurrence(queue, "nightly", "0 3 * * *")
    visitor = visit().log_in()
    visitor.go(f"/jobs?q=queue%3A{queue}")
    visitor.page.locator(f'a[href$="{made.job}"]').click()
    expect(visitor.page.get_by_role("main")).to_contain_text("to whom it may concern")
    visitor.go(f"/recurrences?q={queue}")
    expect(visitor.row("nightly")).to_contain_text("03:00")


def test_workers(visit: Visit, yard: Server, client: BlockingClient, queue: str) -> None:
    made = client.publish(queue, "t")
    with closing(Line.to(yard.port).log_in()) as line:
        assert line.ask(f"SUBSCRIBE {queue}") == "OK"
        visitor = visit().log_in()
        visitor.go(f"/workers?q={queue}")
        row = visitor.row(queue)
        expect(row.get_by_role("rowheader")).to_have_text(USER)
        expect(row).to_contain_text(made.job[-6:])


def test_kick_a_worker(visit: Visit, yard: Server, queue: str) -> None:
    with closing(Line.to(yard.port).log_in()) as line:
        assert line.ask(f"SUBSCRIBE {queue}") == "OK"
        visitor = visit().log_in()
        visitor.go(f"/workers?q={queue}")
        visitor.row(queue).get_by_role("link", name="Kick…", exact=True).click()
        visitor.page.get_by_role("button", name="Kick the worker").click()
        expect(visitor.page.get_by_role("status").first).to_contain_text("has no subscription left")
        visitor.go(f"/workers?q={queue}")
        expect(visitor.row(queue)).to_have_count(0)


def test_delete_a_job(visit: Visit, client: BlockingClient, queue: str) -> None:
    made = client.publish(queue, "welcome")
    kept = client.publish(queue, "welcome")
    visitor = visit().log_in()
    visitor.go(f"/jobs?q=queue%3A{queue}")
    visitor.page.get_by_label(f"Choose job {made.job}").check()
    visitor.page.get_by_role("button", name="Delete").click()
    expect(visitor.page.get_by_role("main")).to_contain_text("1 job is chosen")
    visitor.page.get_by_role("button", name="Delete it").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text("1 job")
    assert [job.id for job in client.list(queue).jobs] == [kept.job]


def test_delete_a_queue(visit: Visit, client: BlockingClient, queue: str) -> None:
    client.publish(queue, "welcome")
    visitor = visit().log_in()
    visitor.go(f"/queues/{queue}")
    visitor.page.get_by_role("link", name="Delete…").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("1 job goes")
    visitor.page.get_by_role("button", name="Delete").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text(queue)
    visitor.go(f"/queues?q={queue}")
    expect(visitor.row(queue)).to_have_count(0)
