"""The real server under everything at once for a while, and what is left of it afterwards."""

import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import httpx
import trio
from attrs import define, field, frozen

from jobyard import Client
from jobyard.errors import JobyardError, NotFound
from tests.acceptance.served import GROUP, Server, settings
from tests.faults.patience import eventually
from tests.faults.remains import MEBIBYTE, Remains, resident
from tests.faults.visiting import QUEUES, Doors, visit

CROWD: Final = 12
"""Visitors at one time."""
SETTINGS: Final = settings(
    http={"port": 0},
    rpc={"port": 0, "group": GROUP},
    reconnect={"grace": 0.2},
    limits={"requests": 100, "events": 100},
)
"""What is remembered for its own sake is little, so that all of it is there after the warm-up."""
SLACK: Final = {
    "descriptors": 2,
    "threads": 2,
    "tasks": 2,
    "objects": 2_000,
    "bytes of memory": 12 * MEBIBYTE,
}
"""What is kept for later and given up again: threads of a pool, pages of an allocator."""
LONG: Final = 60.0
"""Seconds that whoever clears up may take."""
GONE: Final = {"lines": 0, "http": 1, "rpc": 0}
"""Connections of a server that only its metrics are asked of."""


@frozen
class Rest:
    """A server that nobody speaks to any more, and that has no job left."""

    remains: Remains
    tasks: int
    objects: int
    """That the collector knows."""
    memory: int
    """Bytes."""

    def more_than(self, base: Self) -> list[str]:
        """What there is more of than there was, beyond what comes and goes."""
        grown = {
            "descriptors": self.remains.descriptors - base.remains.descriptors,
            "threads": self.remains.threads - base.remains.threads,
            "tasks": self.tasks - base.tasks,
            "listeners": self.remains.listeners - base.remains.listeners,
            "objects": self.objects - base.objects,
            "bytes of memory": self.memory - base.memory,
        }
        return [f"{more} {name} more" for name, more in grown.items() if more > SLACK.get(name, 0)]


@define
class Soak:
    """One server and its visitors."""

    server: Server
    visits: int = 0
    trouble: list[str] = field(factory=list[str])
    """What visitors were not prepared for."""
    _chance: random.Random = field(factory=lambda: random.Random(1))

    @classmethod
    def started(cls, folder: Path) -> Self:
        """A server that tells of its tasks; close it at the end."""
        server = Server(folder, SETTINGS)
        server.program = "tests.faults.telling_server"
        return cls(server.start())

    async def load(self, seconds: float) -> None:
        """Have visitors come for so long, then see the last one out."""
        end, doors = time.monotonic() + seconds, Doors.of(self.server)

        async def keep_coming() -> None:
            while time.monotonic() < end:
                self.visits += 1
                chance = random.Random(self._chance.random())
                # Who is thrown out does not mind how; the server's own faults are another matter.
                with suppress(OSError, trio.BrokenResourceError, trio.EndOfChannel, NotFound):
                    try:
                        await visit(doors, self.visits, chance)
                    except* JobyardError as group:
                        self.trouble += [f"{one}" for one in _leaves(group)]

        async with trio.open_nursery() as crowd:
            for _ in range(CROWD):
                crowd.start_soon(keep_coming)

    async def rest(self) -> Rest:
        """Wait until nothing is left to do, and look.

        Raises:
            trio.TooSlowError: something stays.
        """
        doors = Doors.of(self.server)
        async with Client(doors.url) as client:
            await eventually(lambda: self._worked_off(client))
        await eventually(self._alone)
        remains = Remains.of(self._pid, await self._metrics())
        said = await self._told()
        return Rest(remains, said["tasks"], said["objects"], resident(self._pid))

    @property
    def _pid(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    @staticmethod
    async def _worked_off(client: Client) -> bool:
        """End what waits; whether there is nothing any more, not even what was done."""
        left = 0
        for queue in QUEUES:
            with suppress(NotFound):
                for job in await client.reserve(queue, limit=100, lease=LONG):
                    await client.done(job)
                left += sum((await client.counts(queue)).states.values())
        return left == 0

    async def _alone(self) -> bool:
        return Remains.of(self._pid, await self._metrics()).connections == GONE

    async def _metrics(self) -> str:
        async with httpx.AsyncClient() as client:
            heard = await client.get(f"http://127.0.0.1:{Doors.of(self.server).web}/metrics")
        return heard.text

    async def _told(self) -> dict[str, Any]:
        log = self.server.log
        before = (log.event("told") or {"number": 0})["number"]
        self.server.signal(signal.SIGUSR1)
        found: dict[str, Any] = {}

        async def is_there() -> bool:
            found.update(log.event("told") or {})
            return bool(found.get("number", 0) > before)

        await eventually(is_there)
        return found


async def soaked(soak: Soak, warm: float, seconds: float) -> tuple[Rest, Rest]:
    """How it was at rest after a warm-up, and after so long."""
    await soak.load(warm)
    base = await soak.rest()
    await soak.load(seconds)
    return base, await soak.rest()


def _leaves(group: BaseExceptionGroup[JobyardError]) -> list[BaseException]:
    found: list[BaseException] = []
    for one in group.exceptions:
        found += _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return found
