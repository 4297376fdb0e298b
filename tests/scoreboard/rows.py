"""Every row: what runs it, how long it may take, and what it cannot do without."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from tests.scoreboard import (
    detecting,
    faulting,
    fuzzing,
    hostile,
    keeping,
    playing,
    restarting,
    serving,
    simulating,
    timing,
)
from tests.scoreboard.lines import Entry
from tests.scoreboard.trial import Trial


@frozen
class Row:
    """One of them."""

    run: Callable[[Trial], Iterator[Entry]]
    limit: float = 240.0
    """Seconds after which it is ended, and has failed."""
    alone: bool = False
    """It measures time, or takes both processors: nothing may run beside it."""
    needs: tuple[str, ...] = ()
    """Programs."""


ROWS: Final[Mapping[str, Row]] = {
    "power-cuts": Row(keeping.power_cuts),
    "disk-faults": Row(keeping.disk_faults),
    "full-disk": Row(keeping.full_disk),
    "engine-faults": Row(faulting.engine_faults),
    "kills": Row(serving.kills, limit=300),
    "queue-faults": Row(playing.queue_faults),
    "server-faults": Row(serving.server_faults),
    "hypothesis": Row(playing.hypothesis_steps),
    "dice": Row(playing.dice_steps),
    "simulation": Row(simulating.simulation, limit=360, alone=True),
    "simulated-faults": Row(detecting.simulated_faults),
    **{name: Row(run) for name, run in fuzzing.ROWS.items()},
    "clock-jumps": Row(faulting.clock_jumps, limit=120),
    "cut-networks": Row(faulting.cut_networks, limit=120),
    "means": Row(faulting.means, limit=120),
    "soak": Row(faulting.soak, limit=150),
    "rights": Row(serving.rights),
    "restart": Row(restarting.restart, alone=True, needs=("cc",)),
    "hostile": Row(hostile.hostile, limit=90, alone=True, needs=("cc",)),
    "timers": Row(timing.timers, limit=60, alone=True),
    "stopping": Row(serving.stopping, limit=120),
}
"""In the order of the table."""
LONGEST_FIRST: Final = (
    "kills", "soak", "dice", "hypothesis", "fuzz-resp", "engine-faults", "rights",
)  # fmt: skip
"""Begun before the others, so that no processor waits for them at the end."""
