"""A server to ask."""

from collections.abc import AsyncGenerator

import pytest

from tests.frontends.http.native.calling import Yard, open_yard


@pytest.fixture
async def yard() -> AsyncGenerator[Yard]:
    async with open_yard() as opened:
        yield opened
