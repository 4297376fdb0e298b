"""Many visits by every door leave nothing behind in the real server."""

from pathlib import Path
from typing import Final

import pytest

from tests.faults.soaking import Soak, soaked

# Visitors are thrown out in the middle; what httpx was generating then is left to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

WARM: Final = 1.5
QUICK: Final = 2.0
NIGHTLY: Final = 600.0


async def left(folder: Path, warm: float, seconds: float) -> list[str]:
    """What there is more of after so long than after the warm-up."""
    soak = Soak.started(folder)
    try:
        base, now = await soaked(soak, warm, seconds)
        assert soak.trouble == []
        assert soak.visits > seconds
        assert soak.server.stop() == 0
    finally:
        soak.server.close()
    assert "Traceback" not in soak.server.log.finish()
    return now.more_than(base)


async def test_a_few_seconds_of_visits_leave_nothing_behind(tmp_path: Path) -> None:
    assert await left(tmp_path, WARM, QUICK) == []


@pytest.mark.nightly
async def test_ten_minutes_of_visits_leave_nothing_behind(tmp_path: Path) -> None:
    assert await left(tmp_path, NIGHTLY / 10, NIGHTLY) == []
