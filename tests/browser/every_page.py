"""The pages of the console, by name, each with where it is."""

import re
from typing import Final

from tests.browser.visitor import Visitor

PLACES: Final = {
    "login": "/login",
    "overview": "/",
    "queues": "/queues",
    "queue": "/queues/mail",
    "jobs": "/jobs",
    "failures": "/failures",
    "workers": "/workers",
    "recurrences": "/recurrences",
    "publish": "/publish",
    "users": "/users",
    "user": "/users/barbara",
    "groups": "/groups",
    "tokens": "/tokens",
    "audit": "/audit",
}
NAMES: Final = (*PLACES, "job", "failed job")


def open_page(visitor: Visitor, name: str) -> None:
    """Go to a page by its name; of jobs to one that is held, or that failed."""
    if name in PLACES:
        visitor.go(PLACES[name])
    else:
        state, queue = ("failed", "mail") if name == "failed job" else ("reserved", "video")
        visitor.go(f"/jobs?q=queue%3A{queue}+state%3A{state}")
        visitor.page.locator('a[href^="/jobs/"]').first.click()
        visitor.page.wait_for_url(re.compile(r"/jobs/[^/?]+\Z"))
    visitor.page.get_by_role("heading", level=1).wait_for()
