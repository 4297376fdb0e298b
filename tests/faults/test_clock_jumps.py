"""The wall clock jumps under the real server: no duration changes, and no tick comes twice."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.served import Server
from tests.faults.jumping import Jump, play_all
from tests.faults.wall_clock import MISSING, WallClock, library

HOUR: Final = 3600.0
QUICK: Final = (5 * HOUR, -5 * HOUR)
MORE: Final = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR, 9_600 * HOUR, -9_600 * HOUR)


async def jumped(
    folder: Path, preload: Path, seconds: Sequence[float], *, restarting: bool = True
) -> list[Jump]:
    """Play each of these on a server of its own."""
    with ExitStack() as ending:
        jumps = []
        for number, each in enumerate(seconds):
            place = folder / f"{number}"
            place.mkdir()
            clock, server = WallClock(place, preload), Server(place)
            server.environment |= clock.variables
            ending.callback(server.close)
            jumps.append(Jump(server, clock, each, restarting))
        await play_all(jumps)
    return jumps


async def broken(folder: Path, seconds: Sequence[float], *, restarting: bool = True) -> list[str]:
    preload = library()
    if preload is None:
        pytest.skip(MISSING)
    jumps = await jumped(folder, preload, seconds, restarting=restarting)
    assert min(jump.checks for jump in jumps) > 12
    return [complaint for jump in jumps for complaint in jump.complaints]


async def test_a_jump_either_way_changes_no_duration_and_repeats_no_tick(tmp_path: Path) -> None:
    assert await broken(tmp_path, QUICK, restarting=False) == []


@pytest.mark.nightly
async def test_jumps_of_an_hour_a_day_and_a_year(tmp_path: Path) -> None:
    assert await broken(tmp_path, MORE) == []
