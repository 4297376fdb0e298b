"""Who looks after jobs: pauses and kicks, cancels, deletes, moves, edits and brings back."""

from math import inf
from typing import Final

import trio

from jobyard.soak.client import RETRY, Client, CutOff
from jobyard.soak.dice import dice_of
from jobyard.soak.history import Resetting, Taking
from jobyard.soak.house import QUEUES, House
from jobyard.soak.publishers import staying
from jobyard.soak.story import Story

RESTS: Final = 0.5
"""Seconds between two of its deeds, on average."""


class Meddler:
    """Does one thing after the other until it is calm."""

    def __init__(self, house: House, story: Story, seed: int) -> None:
        self._house = house
        self._story = story
        self._seed = seed
        self._dice = dice_of(seed, "meddler")

    async def run(self) -> None:
        """Go on until it is calm; then leave no queue paused."""
        story = self._story
        while not story.calm:
            name = story.name("meddler")
            client = Client(self._house, name, self._seed, story.lost, native=True)
            try:
                async with staying(client):
                    while not story.calm:
                        await trio.sleep(self._dice.expovariate(1 / RESTS))
                        await self._meddle(client)
            except CutOff:
                await trio.sleep(RETRY)

    async def _meddle(self, client: Client) -> None:
        queue = self._dice.choice(QUEUES)
        job = self._dice.choice([*self._story.jobs, "nobody"])
        match self._dice.randrange(8):
            case 0:
                await self._pause(client, queue)
            case 1:
                await self._take(
                    client, queue, holder=self._dice.choice(self._holders() or ["nobody"])
                )
            case 2:
                await self._take(client, queue, job=job)
            case 3:
                self._story.removed.add(job)
                await client.ask("DELETE", job)
            case 4 | 5:
                await self._reset(client, job)
            case 6:
                await client.ask("MOVE", job, queue)
            case _:
                await client.ask("EDIT", job, "PRIORITY", str(self._dice.randrange(-2, 3)))

    def _holders(self) -> list[str]:
        return [wire.name for wire in self._house.wires]

    async def _take(self, client: Client, queue: str, *, job: str = "", holder: str = "") -> None:
        """Cancel a job, or kick a worker: what was in hand may not be any more."""
        sent, answered = trio.current_time(), inf
        words = ("CANCEL", job) if job else ("KICK", queue, holder)
        try:
            answered = (await client.ask(*words)).at
        finally:
            self._story.note(Taking(sent, answered, job, holder))

    async def _reset(self, client: Client, job: str) -> None:
        sent, answered = trio.current_time(), inf
        try:
            answered = (await client.ask("RESET", job)).at
        finally:
            self._story.note(Resetting(job, sent, answered))

    async def _pause(self, client: Client, queue: str) -> None:
        paused = await client.ask("PAUSE", queue)
        await trio.sleep(self._dice.uniform(0.0, 3.0))
        if paused.ok:
            self._story.pauses.append((queue, paused.at, trio.current_time()))
        await client.ask("RESUME", queue)
