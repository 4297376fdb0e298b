"""Every page, on a desk and on a phone, light and dark: readable by everybody, and no complaint."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.browser.conftest import Visit
from tests.browser.every_page import NAMES, open_page
from tests.browser.visitor import DESK, PHONE, Scheme

SERIOUS: Final = {"serious", "critical"}
SIZES: Final = {"1280": DESK, "390": PHONE}
FOLDER: Final = os.environ.get("SCREENSHOTS", "")
"""Where pictures are kept; empty: nowhere."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(visit: Visit, shop: str, name: str, scheme: Scheme) -> None:
    visitor = visit(shop, scheme=scheme, bypass_csp=True)  # axe is injected as a script
    open_page(visitor, name)
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
    visit: Visit, shop: str, name: str, size: str, scheme: Scheme, tmp_path: Path
) -> None:
    visitor = visit(shop, scheme=scheme, size=SIZES[size])
    open_page(visitor, name)
    picture = Path(FOLDER or tmp_path) / f"{name.replace(' ', '-')}-{size}-{scheme}.png"
    visitor.page.screenshot(path=picture, animations="disabled", caret="hide")
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0], f"{name} is {width} pixels wide"
