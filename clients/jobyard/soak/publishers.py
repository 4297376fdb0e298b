"""Who publishes: by lines and natively, one and many, later, once only, and again when in doubt."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from typing import Final

import trio

from jobyard.soak.client import RETRY, Client, CutOff, Heard
from jobyard.soak.dice import dice_of
from jobyard.soak.history import Publishing
from jobyard.soak.house import QUEUES, House
from jobyard.soak.story import Bulk, Story

THINKS: Final = 0.4
"""Seconds between two publishes, on average."""
MOST_LATER: Final = 2.0
UNIQUE: Final = 5
HANGS_UP: Final = 0.3
"""How often somebody with a request leaves before the answer, perhaps; and after which seconds."""
IMPATIENCE: Final = 0.01


@asynccontextmanager
async def staying(client: Client) -> AsyncIterator[None]:
    """Come in, and close at the end."""
    try:
        await client.open()
        yield
    finally:
        client.close()


class Publisher:
    """Publishes until it is calm, whatever happens to its connections."""

    def __init__(self, house: House, story: Story, seed: int, *, native: bool) -> None:
        self._house = house
        self._story = story
        self._seed = seed
        self._native = native
        self._name = story.name("publisher")
        self._dice = dice_of(seed, self._name)
        self._doubt: tuple[str, str, float] | None = None
        """Request, key and first try of what got no answer."""

    async def run(self) -> None:
        """Go on until it is calm and nothing is in doubt."""
        story = self._story
        while not story.calm or self._doubt:
            name = story.name(self._name)
            client = Client(self._house, name, self._seed, story.lost, native=self._native)
            try:
                async with staying(client):
                    while not story.calm or self._doubt:
                        await self._publish(client)
                        await trio.sleep(self._dice.expovariate(1 / THINKS))
            except CutOff:
                await trio.sleep(RETRY)

    async def _publish(self, client: Client) -> None:
        key, queue = self._story.name("key"), self._dice.choice(QUEUES)
        chance = self._dice.random()
        if self._doubt:
            await self._requested(client, *self._doubt)
        elif not self._native:
            await self._one(client, key, ("PUBLISH", queue, "kind", key))
        elif chance < 0.2:
            await self._many(client, queue)
        elif chance < 0.4:
            delay = round(self._dice.uniform(0.0, MOST_LATER), 3)
            await self._one(client, key, (*_words(queue, key), "DELAY", str(delay)), delay)
        elif chance < 0.6:
            unique = f"unique-{self._dice.randrange(UNIQUE)}"
            await self._one(client, key, (*_words(queue, key), "UNIQUE_KEY", unique))
        elif chance < 0.8:
            # The queue is a part of the request: a second try must say the same.
            request = f"{queue}/{key}"
            await self._requested(client, request, key, trio.current_time())
        else:
            await self._one(client, key, (*_words(queue, key), "PRIORITY", str(len(key) % 3)))

    async def _one(
        self, client: Client, key: str, words: tuple[str, ...], delay: float = 0.0
    ) -> None:
        sent = trio.current_time()
        try:
            heard = await client.ask(*words)
        except CutOff:
            self._story.note(Publishing(key, sent, delay=delay))
            raise
        self._answered(key, sent, heard, delay)

    async def _requested(self, client: Client, request: str, key: str, sent: float) -> None:
        queue = request.partition("/")[0]
        self._doubt = request, key, sent
        patience = IMPATIENCE if self._dice.random() < HANGS_UP else inf
        with trio.move_on_after(self._dice.expovariate(1) * patience) as waiting:
            heard = await client.ask(*_words(queue, key), "REQUEST_ID", request)
        if waiting.cancelled_caught:
            client.close()
            raise CutOff
        self._doubt = None
        self._answered(key, sent, heard, 0.0)

    async def _many(self, client: Client, queue: str) -> None:
        keys = [self._story.name("key") for _ in range(self._dice.randrange(1, 6))]
        self._story.witness(Bulk(tuple(keys)))
        jobs = json.dumps([{"type": "kind", "payload": key} for key in keys])
        sent = trio.current_time()
        try:
            heard = await client.ask("ENQUEUE_MANY", queue, jobs)
        except CutOff:
            for key in keys:
                self._story.note(Publishing(key, sent))
            raise
        if heard.ok:
            for key, one in zip(keys, heard.value["jobs"], strict=True):
                self._story.note(Publishing(key, sent, heard.at, one["job"].decode()))

    def _answered(self, key: str, sent: float, heard: Heard, delay: float) -> None:
        """A refusal, or an earlier job with the same unique key: then this one must never be."""
        said = heard.value
        if isinstance(said, dict):
            job = "" if said["existing"] else said["job"].decode()
        else:
            job = said.removeprefix("OK#") if heard.ok else ""
        if job:
            self._story.note(Publishing(key, sent, heard.at, job, delay))


def _words(queue: str, key: str) -> tuple[str, ...]:
    return "ENQUEUE", queue, "kind", key
