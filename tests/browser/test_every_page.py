"""Every page, on a desk and on a phone, light and dark: readable by everybody, and no complaint."""

import os
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


def enter(visit: Visit, shop: Shop, name: str, **more: Any) -> Visitor:
    """Open a page."""
    visitor = visit(shop.home, storage_state=None if name == "login" else shop.cookies, **more)
    open_page(visitor, name)
    return visitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(visit: Visit, shop: Shop, name: str, scheme: Scheme) -> None:
    visitor = enter(
        visit, shop, name, scheme=scheme, bypass_csp=True
    )  # axe is injected as a script
    found: dict[str, Any] = Axe().run(visitor.page).response
    serious = [
        (each["id"], [(node["html"], node["failureSummary"]) for node in each["nodes"][:3]])
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]
    assert serious == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_and_nothing_complains(
    visit: Visit, shop: Shop, browser: Browser, name: str, size: str, scheme: Scheme
) -> None:
    visitor = enter(visit, shop, name, scheme=scheme, size=SIZES[size])
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0], f"{name} is {width} pixels wide"
    if FOLDER:
        visitor.page.wait_for_timeout(300)  # for what is drawn
        shot = visitor.page.screenshot(animations="disabled", caret="hide")
        keep(browser, shot, Path(FOLDER) / f"{name.replace(' ', '-')}-{size}-{scheme}.png")
