"""Keys, colours, times and narrow screens."""

import pytest
from playwright.sync_api import expect

from jobyard import BlockingClient
from tests.browser.conftest import Visit
from tests.browser.people import ROOT_USER
from tests.browser.visitor import PHONE

NARROW = (360, 740)


def test_keys_lead_everywhere(visit: Visit, client: BlockingClient, queue: str) -> None:
    for number in range(2):
        client.publish(f"{queue}-{number}", "t")
    visitor = visit().log_in()
    page = visitor.page
    visitor.press("g", "q")
    expect(page).to_have_url(f"{visitor.home}/queues")
    visitor.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(queue)
    visitor.press("Enter")
    expect(visitor.row(queue)).to_have_count(2)
    visitor.press("j")
    expect(page.get_by_role("link", name=f"{queue}-0", exact=True)).to_be_focused()
    visitor.press("j")
    expect(page.get_by_role("link", name=f"{queue}-1", exact=True)).to_be_focused()
    visitor.press("k")
    visitor.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{queue}-0")
    visitor.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    visitor.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    for key, path in (("o", "/"), ("j", "/jobs"), ("f", "/failures"), ("w", "/workers")):
        visitor.press("g", key)
        expect(page).to_have_url(f"{visitor.home}{path}")


def test_keys_are_letters_where_somebody_types(visit: Visit) -> None:
    visitor = visit().log_in()
    visitor.go("/jobs")
    search = visitor.page.get_by_role("searchbox")
    search.focus()
    visitor.page.keyboard.type("gq/?")
    expect(search).to_have_value("gq/?")
    expect(visitor.page).to_have_url(f"{visitor.home}/jobs")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_chosen_and_kept(visit: Visit, scheme: str) -> None:
    visitor = visit(scheme=scheme).log_in()
    page = visitor.page
    seen = "getComputedStyle(document.documentElement).backgroundColor"
    by_system = page.evaluate(seen)
    other = "dark" if scheme == "light" else "light"
    page.locator("[popovertarget=account]").click()
    page.get_by_label("Colours").select_option(other)
    chosen = page.evaluate(seen)
    assert chosen != by_system
    visitor.go("/queues")
    assert page.evaluate(seen) == chosen
    page.locator("[popovertarget=account]").click()
    page.get_by_label("Colours").select_option("")
    assert page.evaluate(seen) == by_system


def test_times_are_local_or_utc(visit: Visit, client: BlockingClient, queue: str) -> None:
    made = client.publish(queue, "t")
    visitor = visit(timezone="Asia/Tokyo").log_in()
    visitor.go(f"/jobs/{made.job}")
    exact = visitor.page.locator("time.exact").first
    expect(exact).to_contain_text("+09:00")
    visitor.page.locator("[popovertarget=account]").click()
    visitor.page.get_by_label("Times").select_option("utc")
    expect(exact).to_contain_text("Z")


def test_a_phone_has_its_menu_behind_a_button(visit: Visit) -> None:
    visitor = visit(size=PHONE).log_in()
    link = visitor.page.get_by_role("link", name="Queues", exact=True).first
    expect(link).to_be_hidden()
    visitor.page.get_by_role("checkbox", name="Show the menu").check()
    expect(link).to_be_visible()
    link.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Queues")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_head_of_a_narrow_page_is_one_line(visit: Visit, scripts: bool) -> None:
    visitor = visit(size=NARROW, java_script_enabled=scripts).log_in(ROOT_USER)
    page = visitor.page
    visitor.go("/queues")
    page.locator("select[name=group] option, header .name").evaluate_all(
        "names => names.forEach(name => { name.textContent = 'w'.repeat(200); })"
    )
    brand, account = (
        page.get_by_role("link", name="Jobyard", exact=True).bounding_box(),
        page.locator("[popovertarget=account]").bounding_box(),
    )
    assert brand is not None
    assert account is not None
    middle = account["y"] + account["height"] / 2
    assert brand["y"] < middle < brand["y"] + brand["height"]
    assert account["x"] + account["width"] <= NARROW[0]


def test_without_scripts_pages_are_read_and_forms_work(
    visit: Visit, client: BlockingClient, queue: str
) -> None:
    client.publish(queue, "t")
    visitor = visit(java_script_enabled=False).log_in()
    visitor.go(f"/queues/{queue}")
    visitor.page.get_by_role("button", name="Pause").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text("paused")
    assert "paused" in str(client.explain_queue(queue))
