"""Each test that asks for `engine` runs on memory and on the durable store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jobyard.library import Engine
from tests.library.opening import Open, opener


@pytest.fixture(params=["memory", "durable"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    return opener(tmp_path / "jobs.db" if request.param == "durable" else None)


@pytest.fixture
async def engine(opened: Open) -> AsyncIterator[Engine]:
    async with opened() as engine:
        yield engine
