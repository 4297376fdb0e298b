"""Who works: well, slowly, not at all, too late, half-way, badly, and not any more."""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

import trio

from jobyard.soak.client import RETRY, Client, CutOff, Heard
from jobyard.soak.dice import dice_of
from jobyard.soak.history import Ending, Got
from jobyard.soak.house import LEASE, QUEUES, WORKER, House
from jobyard.soak.publishers import staying
from jobyard.soak.story import Story

WORKS: Final = 0.1
"""Seconds a job takes, on average."""
WAITS: Final = 3.0
How = Literal["done", "failed", "released"]
Manner = Callable[[Client, Got], Awaitable[object]]
WEIGHTS: Final = (8, 2, 2, 1, 1, 1, 2, 2)
"""How often each manner is met beside the others."""


class Worker:
    """Subscribes to one or two queues, and is never without a connection for long."""

    def __init__(self, house: House, story: Story, seed: int, *, native: bool, good: bool) -> None:
        self._house = house
        self._story = story
        self._seed = seed
        self._native = native
        self._good = good
        self._name = story.name("worker")
        self._dice = dice_of(seed, self._name)
        self._late: Got | None = None
        """Held when the connection before this one broke."""
        self._manners: tuple[Manner, ...] = (
            self._well, self._slow, self._silent, self._forgetful, self._dying, self._leaving,
            self._badly, self._back,
        )  # fmt: skip

    async def run(self) -> None:
        """Work for ever."""
        while True:
            name = self._story.name(self._name)
            client = Client(
                self._house,
                name,
                self._seed,
                self._story.lost,
                native=self._native,
                user=WORKER.name,
            )
            try:
                async with staying(client):
                    await self._work(client)
            except CutOff:
                await trio.sleep(RETRY)

    async def _work(self, client: Client) -> None:
        if self._late and self._native:
            late, self._late = self._late, None
            await self._end(client, late, "done")
        if self._native and self._dice.random() < 0.4:
            await self._pull(client)
        queues = QUEUES if self._good else self._dice.sample(QUEUES, 2)
        for queue in queues:
            await self._subscribe(client, queue)
        while True:
            await self._meet(client, self._got(client, await client.pushed()))

    async def _pull(self, client: Client) -> None:
        while not self._story.calm:
            queue = self._dice.choice(QUEUES)
            heard = await client.ask("RESERVE", queue, "LIMIT", "2", "WAIT", str(WAITS))
            jobs = heard.value["jobs"] if heard.ok else []
            for got in [self._got(client, Heard(job, heard.at)) for job in jobs]:
                await self._meet(client, got)
            await trio.sleep(self._dice.expovariate(1 / WORKS))

    async def _subscribe(self, client: Client, queue: str) -> None:
        words = ("SUBSCRIBE_PUSH", queue, "CREDIT", "2") if self._native else ("SUBSCRIBE", queue)
        if not (await client.ask(*words)).ok:
            client.close()
            raise CutOff

    def _got(self, client: Client, heard: Heard) -> Got:
        job, lapse = heard.value, heard.at + LEASE
        if self._native:
            boot, number = job["reservation"].decode().split("-")
            found = Got(
                (job["payload"] or b"").decode(), job["id"].decode(), client.name, heard.at,
                (int(boot) << 40) + int(number), lapse,
            )  # fmt: skip
            self._story.handed.append((job["queue"].decode(), found.job, found.at))
        else:
            found = Got(job["Payload"], job["ID"], client.name, heard.at, lapse=lapse)
        self._story.note(found)
        return found

    async def _meet(self, client: Client, got: Got) -> None:
        """Do with a job what the dice say; when it is calm, work it off well."""
        well = self._good or self._story.calm
        [manner] = [self._well] if well else self._dice.choices(self._manners, WEIGHTS)
        try:
            await manner(client, got)
        except CutOff:
            self._late = got
            raise

    async def _well(self, client: Client, got: Got) -> None:
        if not self._native:
            await client.ask(*_alive(got))
        await trio.sleep(self._dice.expovariate(1 / WORKS))
        await self._end(client, got, "done")

    async def _slow(self, client: Client, got: Got) -> None:
        for _ in range(self._dice.randrange(2, 6)):
            await trio.sleep(LEASE / 2)
            sent = trio.current_time()
            if not (await client.ask(*_alive(got))).ok:
                return
            if got.number is not None:  # by lines it may speak of a later hold of the same job
                got = self._story.renewed(got, sent + LEASE)
        await self._end(client, got, "done")

    async def _silent(self, client: Client, got: Got) -> None:
        await trio.sleep(LEASE * self._dice.uniform(0.9, 3.0))
        await self._end(client, got, "done")

    async def _forgetful(self, _: Client, __: Got) -> None:
        await trio.sleep(self._dice.expovariate(1 / WORKS))

    async def _dying(self, client: Client, _: Got) -> None:
        await trio.sleep(self._dice.expovariate(1 / WORKS))
        client.close()
        raise CutOff

    async def _leaving(self, client: Client, got: Got) -> None:
        word = "UNSUBSCRIBE_PUSH" if self._native else "UNSUBSCRIBE"
        for queue in QUEUES:
            await client.ask(word, queue)
        await self._well(client, got)
        for queue in QUEUES:
            await self._subscribe(client, queue)

    async def _badly(self, client: Client, got: Got) -> None:
        await trio.sleep(self._dice.expovariate(1 / WORKS))
        await self._end(client, got, "failed", round(self._dice.uniform(0.0, 1.0), 3))

    async def _back(self, client: Client, got: Got) -> None:
        how: How = "released" if self._native else "failed"
        await self._end(client, got, how, round(self._dice.uniform(0.0, 1.0), 3))

    async def _end(self, client: Client, got: Got, how: How, delay: float = 0.0) -> None:
        delay = delay if self._native else 0.0
        sent = trio.current_time()
        try:
            heard = await client.ask(*self._words(got, how, delay))
        except CutOff:
            self._story.note(Ending(got.job, got.holder, how, sent, number=got.number, delay=delay))
            raise
        self._story.note(
            Ending(got.job, got.holder, how, sent, heard.at, heard.ok, got.number, delay)
        )

    def _words(self, got: Got, how: How, delay: float) -> tuple[str, ...]:
        if got.number is None:
            return "UPDATE_JOB", got.job, "done" if how == "done" else "errored"
        named = got.job, "RESERVATION", _reservation(got.number)
        if how == "done":
            return "DONE", *named
        return "FAIL" if how == "failed" else "RELEASE", *named, "DELAY", str(delay)


def _alive(got: Got) -> tuple[str, ...]:
    if got.number is None:
        return "UPDATE_JOB", got.job, "in-progress"
    return "TOUCH", got.job, "RESERVATION", _reservation(got.number)


def _reservation(number: int) -> str:
    return f"{number >> 40}-{number % (1 << 40)}"
