"""Clients under which the server is killed, and who write down what they saw."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import trio

from jobyard.soak.history import Closing, Ending, Event, Got, Killing, Publishing
from tests.kill.line_client import CutOff, LineClient, connected

QUEUE = "work"
TRIES_AGAIN = 0.02
WORDS: dict[Literal["done", "failed", "released"], str] = {"done": "done", "failed": "errored"}


class Load:
    """All clients of one run, and the history they make together."""

    def __init__(self, port: int, seed: int) -> None:
        self.events: list[Event] = []
        self.done: set[str] = set()
        """Jobs whose done was acknowledged."""
        self._port = port
        self._random = random.Random(seed)
        self._names = 0
        self._kills: list[float] = []
        self._changed = trio.Event()

    @property
    def published(self) -> int:
        """Jobs whose publishing was acknowledged."""
        return len({e.job for e in self.events if isinstance(e, Publishing) and e.answered})

    def note(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, events: int) -> None:
        """Wait until so much has happened."""
        while len(self.events) < events:
            await self._changed.wait()

    def kill(self, killed: Callable[[], None]) -> None:
        """Write the kill down before it happens."""
        self._kills.append(trio.current_time())
        self.note(Killing(self._kills[-1]))
        killed()

    def _name(self, what: str) -> str:
        self._names += 1
        return f"{what}-{self._names}"

    async def publish(self, most: int) -> None:
        """Publish up to so many jobs, whatever happens to the connection."""
        left = most
        while left:
            with suppress(CutOff):
                async with connected(self._port) as client:
                    while left:
                        left -= 1
                        await self._publish_one(client)
            await trio.sleep(TRIES_AGAIN)

    async def _publish_one(self, client: LineClient) -> None:
        key, sent = self._name("key"), trio.current_time()
        try:
            answer = await client.ask(f"PUBLISH {QUEUE} kind {key}")
        except CutOff:
            self.note(Publishing(key, sent))
            raise
        assert answer.startswith("OK#"), answer
        self.note(Publishing(key, sent, trio.current_time(), answer.removeprefix("OK#")))

    async def work(self) -> None:
        """Work jobs off for ever, sometimes badly, sometimes leaving without a word."""
        while True:
            holder = self._name("worker")
            with suppress(CutOff):
                async with connected(self._port) as client:
                    await self._work_as(client, holder)
                    self.note(Closing(holder, trio.current_time()))
            await trio.sleep(TRIES_AGAIN)

    async def _work_as(self, client: LineClient, holder: str) -> None:
        kills = len(self._kills)
        assert await client.ask(f"SUBSCRIBE {QUEUE}") == "OK"
        while True:
            job = await client.pushed()
            # What is read after a kill was sent before it.
            at = min([trio.current_time(), *self._kills[kills:]])
            self.note(Got(job["Payload"], job["ID"], holder, at))
            chance = self._random.random()
            if chance < 0.05:
                return
            if chance < 0.8:
                answer = await client.ask(f"UPDATE_JOB {job['ID']} in-progress")
                assert answer == "OK", answer
            await self._end(client, holder, job["ID"], "failed" if chance > 0.95 else "done")

    async def _end(
        self, client: LineClient, holder: str, job: str, how: Literal["done", "failed"]
    ) -> None:
        sent = trio.current_time()
        try:
            answer = await client.ask(f"UPDATE_JOB {job} {WORDS[how]}")
        except CutOff:
            self.note(Ending(job, holder, how, sent))
            raise
        if answer == "OK" and how == "done":
            self.done.add(job)
        self.note(Ending(job, holder, how, sent, trio.current_time(), answer == "OK"))
