"""A server whose wall clock jumps while jobs are delayed, held, retried, kept and recurring.

Durations are measured here, by a clock that does not jump.
"""

import time
from typing import Final

import trio
from attrs import define, field

from jobyard import Client, Job
from jobyard.errors import NotFound, ReservationLost
from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN, Server
from tests.faults.patience import eventually
from tests.faults.wall_clock import WallClock

EARLY: Final = 0.005
"""Seconds: instants are told to the millisecond, and clocks of two processes read apart."""
APART: Final = 60.0
"""Seconds between two readings of one clock, at the most."""
HALF_AN_HOUR: Final = 1800.0
LEASE: Final = 2.5
LONG: Final = 20.0
TOUCHED: Final = 0.3


def url(server: Server) -> str:
    """Of the line port, with a login."""
    return f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"


@define
class Jump:
    """One server, and everything that goes on while its clock jumps once."""

    server: Server
    clock: WallClock
    seconds: float
    restarting: bool = True
    """Whether the server is started again by the clock as it is then."""
    complaints: list[str] = field(factory=list[str])
    checks: int = 0
    _jumped: trio.Event = field(factory=trio.Event)
    _begun: int = 0
    _awaited: int = 0
    _all_begun: trio.Event = field(factory=trio.Event)

    async def play(self) -> None:
        """Start, jump once everything is under way, see it all end, stop and start again."""
        await trio.to_thread.run_sync(self.server.start)
        async with Client(url(self.server)) as client:
            watchers = (
                self._delayed, self._lapsing, self._kept, self._failed, self._expiring,
                self._forgotten, self._waiting, self._pushed, self._recurring,
            )  # fmt: skip
            self._awaited = len(watchers)
            with trio.fail_after(4 * WITHIN):
                async with trio.open_nursery() as tasks:
                    for watch in watchers:
                        tasks.start_soon(watch, client)
                    await self._all_begun.wait()
                    self.clock.jump(self.seconds)
                    self._jumped.set()
            for payload in (b"1", b"2"):
                await client.publish("order", "t", payload)
        code = await trio.to_thread.run_sync(self.server.stop)
        self._check(code == 0, f"the end was {code}")
        if self.restarting:
            await self._started_again()

    async def _started_again(self) -> None:
        await trio.to_thread.run_sync(self.server.start)
        async with Client(url(self.server)) as client:
            await client.publish("order", "t", b"3")
            jobs = await client.reserve("order", limit=3)
            found = [job.payload for job in jobs]
            self._check(found == [b"1", b"2", b"3"], f"after a restart the order is {found}")
        await trio.to_thread.run_sync(self.server.stop)

    def _check(self, kept: bool, otherwise: str) -> None:
        self.checks += 1
        if not kept:
            self.complaints.append(f"{self.seconds:+.0f} s: {otherwise}")

    async def _until_jumped(self) -> None:
        """This watcher has begun what it watches; go on once the clock is another."""
        self._begun += 1
        if self._begun == self._awaited:
            self._all_begun.set()
        await self._jumped.wait()

    def _took(self, what: str, began: float, seconds: float) -> None:
        took = time.monotonic() - began
        self._check(took > seconds - EARLY, f"{what} came {seconds - took:.3f} s early")

    # -- what goes on --------------------------------------------------------------------------

    async def _delayed(self, client: Client) -> None:
        began = time.monotonic()
        await client.publish("delayed", "t", delay=3.0)
        await self._until_jumped()
        await self._take(client, "delayed")
        self._took("a delayed job", began, 3.0)

    async def _lapsing(self, client: Client) -> None:
        await client.publish("lapsing", "t", lease=LEASE, backoff={"fixed": 0})
        began = time.monotonic()
        held = await self._take(client, "lapsing")
        await self._until_jumped()
        again = await self._take(client, "lapsing")
        self._took("the end of a lease", began, LEASE)
        self._check((again.id, again.lapses) == (held.id, 1), "a lapse was not counted")
        with trio.fail_after(WITHIN):
            try:
                await client.done(held)
            except ReservationLost:
                lost = True
            else:
                lost = False
        self._check(lost, "a stale holder ended a job")

    async def _kept(self, client: Client) -> None:
        await client.publish("kept", "t", lease=LONG)
        held = await self._take(client, "kept")
        await self._until_jumped()
        end = time.monotonic() + LEASE
        try:
            while time.monotonic() < end:
                await client.touch(held)
                await trio.sleep(TOUCHED)
            await client.done(held)
        except ReservationLost:
            self._check(False, "a lease that was renewed ended")
        self._check((await client.get(held)).state == "done", "held work was not ended")

    async def _failed(self, client: Client) -> None:
        await client.publish("failed", "t", backoff={"fixed": 2.5})
        held = await self._take(client, "failed")
        began = time.monotonic()
        await client.fail(held)
        await self._until_jumped()
        await self._take(client, "failed")
        self._took("a retry", began, 2.5)

    async def _expiring(self, client: Client) -> None:
        began = time.monotonic()
        made = await client.publish("expiring", "t", time_to_live=3.0, keep_done=60.0)
        await client.pause("expiring")
        await self._until_jumped()
        ended = await client.wait(made.job, WITHIN)
        self._took("an end of waiting", began, 3.0)
        self._check(ended.state == "expired", f"after its time a job is {ended.state}")

    async def _forgotten(self, client: Client) -> None:
        await client.publish("forgotten", "t", keep_done=3.0)
        held = await self._take(client, "forgotten")
        began = time.monotonic()
        await client.done(held)
        await self._until_jumped()
        await eventually(lambda: self._is_gone(client, held))
        self._took("a retention", began, 3.0)

    async def _waiting(self, client: Client) -> None:
        began = time.monotonic()
        async with trio.open_nursery() as tasks:
            tasks.start_soon(self._until_jumped)
            found = await client.reserve("nothing", wait=3.0)
        self._check(found == (), "out of nothing came a job")
        self._took("an answer to who waited", began, 3.0)

    async def _pushed(self, client: Client) -> None:
        await client.publish("pushed", "t")
        async with client.subscribe("pushed") as jobs:
            held = await anext(jobs)
            began = time.monotonic()
            await self._until_jumped()
            await self._pass(client, began + 1.5 * LEASE)
            there = await client.get(held)
            self._check(there.reservation == held.reservation, "a pushed job was lost")
            await client.done(held)

    async def _recurring(self, client: Client) -> None:
        hourly = f"{int(self.clock.now() + HALF_AN_HOUR) // 60 % 60} * * * *"
        await client.set_recurrence("ticking", "t", "* * * * * *")
        await client.set_recurrence("once", "t", hourly, missed="once")
        await client.set_recurrence("skipped", "t", hourly, missed="skip")
        began = time.monotonic()
        await self._until_jumped()
        await eventually(lambda: self._is_noticed(client))
        noticed, before = time.monotonic(), await self._count(client, "ticking")
        await self._pass(client, noticed + 1.5)
        ticks, passed = await self._count(client, "ticking"), time.monotonic() - began
        if self.seconds > 0:
            self._check(ticks > before, "nothing recurs after a jump forward")
            # One for what was missed, and the two seconds that were begun at either end.
            self._check(ticks <= passed + 3, f"{ticks} ticks in {passed:.1f} s")
        else:
            self._check(ticks == before, "a tick came again after a jump back")
        missed = await self._count(client, "once"), await self._count(client, "skipped")
        self._check(missed == (int(self.seconds > 0), 0), f"missed runs made {missed} jobs")

    # -- asking --------------------------------------------------------------------------------

    async def _take(self, client: Client, queue: str) -> Job:
        with trio.fail_after(WITHIN + 5):
            (job,) = await client.reserve(queue, wait=WITHIN)
        return job

    async def _pass(self, client: Client, instant: float) -> None:
        """Until an instant of the clock that does not jump, by a timer of the server."""
        rest = max(0.0, instant - time.monotonic())
        queue = f"pass-{instant}"
        await client.publish(queue, "t", delay=rest)
        await self._take(client, queue)

    @staticmethod
    async def _count(client: Client, queue: str) -> int:
        return sum((await client.counts(queue)).states.values())

    async def _is_noticed(self, client: Client) -> bool:
        """Whether the time by which things recur is that of the clock."""
        (tick,) = (await client.preview_cron("* * * * * *", 1))["ticks"]
        return abs(float(tick) - self.clock.now()) < APART

    @staticmethod
    async def _is_gone(client: Client, job: Job) -> bool:
        try:
            await client.get(job)
        except NotFound:
            return True
        return False


async def play_all(jumps: list[Jump]) -> None:
    """Every one on its own server, two at a time: they wait more than they work."""
    two = trio.Semaphore(2)

    async def play(jump: Jump) -> None:
        async with two:
            await jump.play()

    async with trio.open_nursery() as tasks:
        for jump in jumps:
            tasks.start_soon(play, jump)
