"""A console to look at."""

from collections.abc import AsyncGenerator

import pytest

from tests.frontends.http.pages.browser import Console, open_console


@pytest.fixture
async def console() -> AsyncGenerator[Console]:
    async with open_console() as opened:
        yield opened
