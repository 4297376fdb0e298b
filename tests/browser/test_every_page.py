"""Every page, on a desk and on a phone, light and dark: readable by everybody, and no complaint.

One visitor walks through all of them, as a browser is slow to start and quick to walk.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from tests.browser.conftest import Shop, Visit
from tests.browser.every_page import NAMES, open_page
from tests.browser.pictures import keep
from tests.browser.visitor import DESK, PHONE, Scheme, Visitor

SERIOUS: Final = {"serious", "critical"}
SIZES: Final = {"1280": DESK, "390": PHONE}
FOLDER: Final = os.environ.get("SCREENSHOTS", "")
"""Where pictures are kept; empty: nowhere."""


def walk(visit: Visit, shop: Shop, **more: Any) -> Iterator[tuple[str, Visitor]]:
    """Open each page; the one to log in is for who is not."""
    stranger, visitor = (
        visit(shop.home, **more),
        visit(shop.home, storage_state=shop.cookies, **more),
    )
    for name in NAMES:
        who = stranger if name == "login" else visitor
        open_page(who, name)
        yield name, who


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, shop: Shop, scheme: Scheme) -> None:
    found: dict[str, list[Any]] = {}
    for name, visitor in walk(visit, shop, scheme=scheme, bypass_csp=True):  # axe is injected
        said: dict[str, Any] = Axe().run(visitor.page).response
        found[name] = [
            (each["id"], [(node["html"], node["failureSummary"]) for node in each["nodes"][:3]])
            for each in said["violations"]
            if each["impact"] in SERIOUS
        ]
    assert {name: serious for name, serious in found.items() if serious} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_nothing_complains(
    visit: Visit, shop: Shop, browser: Browser, size: str, scheme: Scheme
) -> None:
    widths: dict[str, int] = {}
    for name, visitor in walk(visit, shop, scheme=scheme, size=SIZES[size]):
        widths[name] = visitor.page.evaluate("document.documentElement.scrollWidth")
        if FOLDER:
            visitor.page.wait_for_timeout(300)  # for what is drawn
            shot = visitor.page.screenshot(animations="disabled", caret="hide")
            keep(browser, shot, Path(FOLDER) / f"{name.replace(' ', '-')}-{size}-{scheme}.png")
    assert {name: width for name, width in widths.items() if width > SIZES[size][0]} == {}
