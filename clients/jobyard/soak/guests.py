"""Who comes through any door: publishes, works and waits, each time in another tongue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from typing import Any, ClassVar, Final, Literal

import trio

from jobyard.soak.client import RETRY, CutOff, Heard
from jobyard.soak.dice import dice_of
from jobyard.soak.history import Ending, Got, Publishing
from jobyard.soak.house import LEASE, QUEUES, House
from jobyard.soak.story import Bulk, Over, Story
from jobyard.soak.tongues import TONGUES, Tongue

WAITS: Final = 2.0
LATEST: Final = 2
"""Jobs of which an onlooker picks one."""
REPEATS: Final = 0.3
"""How often somebody asks what was answered."""
HANGS_UP: Final = 0.2
IMPATIENCE: Final = 0.01
"""How often one leaves before the answer, perhaps; and after which seconds, on average."""
How = Literal["done", "failed", "released"]
ENDS: Final[dict[How, str]] = {"done": "DONE", "failed": "FAIL", "released": "RELEASE"}
NOT_NOW: Final = frozenset({"storage-full", "internal"})
"""Refusals of what may be asked again."""
FINAL: Final = frozenset({"done", "failed", "canceled", "expired"})


class Guest:
    """Does one thing after the other until it is calm; comes back by another door when cut off."""

    rests: ClassVar[float] = 1.2
    """Seconds between two things that it does, on average."""

    def __init__(self, house: House, story: Story, seed: int, kind: str) -> None:
        self.house = house
        self.story = story
        self.seed = seed
        self.kind = story.name(kind)
        self.dice = dice_of(seed, self.kind)

    async def run(self) -> None:
        """Go on until it is calm and nothing is left to do."""
        while not self.story.calm or self.owes:
            try:
                async with self.in_touch() as tongue:
                    while not self.story.calm or self.owes:
                        await self.act(tongue)
                        await trio.sleep(self.dice.expovariate(1 / self.rests))
            except CutOff:
                await trio.sleep(RETRY)

    @property
    def owes(self) -> bool:
        """Whether something has to be done before it may end."""
        return False

    async def act(self, tongue: Tongue) -> None:
        """Do one thing."""
        raise NotImplementedError

    @asynccontextmanager
    async def in_touch(self) -> AsyncIterator[Tongue]:
        """Through one of the doors, until the end of the block."""
        make = self.dice.choice(TONGUES)
        tongue = make(self.house, self.story, self.seed, self.story.name(self.kind))
        try:
            await tongue.open()
            yield tongue
        finally:
            tongue.close()

    async def ask(self, tongue: Tongue, word: str, **said: Any) -> Heard:
        """Say a command, and sometimes leave before the answer.

        Raises:
            CutOff: no answer came.
        """
        hasty = self.dice.random() < HANGS_UP and not self.story.calm
        patience = self.dice.expovariate(1 / IMPATIENCE) if hasty else inf
        with trio.move_on_after(patience):
            return await tongue.ask(word, **said)
        tongue.close()
        raise CutOff


class Sender(Guest):
    """Publishes under request ids, and asks again by whatever door until it is answered."""

    doubt: tuple[str, dict[str, Any], list[str], float] | None = None
    """What is to be asked until it is answered: command, fields, keys, and when it was first."""

    def __init__(self, house: House, story: Story, seed: int) -> None:
        super().__init__(house, story, seed, "sender")
        self._answered: list[tuple[str, dict[str, Any], Any]] = []

    @property
    def owes(self) -> bool:
        """Whether an answer is missing."""
        return self.doubt is not None

    async def act(self, tongue: Tongue) -> None:
        """Publish one job or many, once."""
        if self.doubt is None and self._answered and self.dice.random() < REPEATS:
            await self._again(tongue)
            return
        if self.doubt is None:
            self.doubt = *self._one_or_many(), trio.current_time()
        word, said, keys, sent = self.doubt
        heard = await self.ask(tongue, word, **said)
        if heard.refusal in NOT_NOW:
            return
        self.doubt = None
        if heard.ok:
            self._answered.append((word, said, heard.value))
            for key, one in zip(keys, _published(heard.value), strict=True):
                self.story.note(Publishing(key, sent, heard.at, one["job"]))

    async def _again(self, tongue: Tongue) -> None:
        """Ask what was answered: the same answer, and no other effect."""
        word, said, answer = self.dice.choice(self._answered[-5:])
        heard = await self.ask(tongue, word, **said)
        if heard.ok and heard.value != answer:
            self.story.complaints.append(f"unexpected: {answer} became {heard.value}")

    def _one_or_many(self) -> tuple[str, dict[str, Any], list[str]]:
        queue, count = self.dice.choice(QUEUES), self.dice.choice((1, 1, 3))
        keys = [self.story.name("key") for _ in range(count)]
        request = {"request_id": f"{queue}/{keys[0]}"}
        if count == 1:
            said = {"queue": queue, "type": "kind", "payload": keys[0], **request}
            return "ENQUEUE", said, keys
        self.story.witness(Bulk(tuple(keys)))
        jobs = [{"type": "kind", "payload": key} for key in keys]
        return "ENQUEUE_MANY", {"queue": queue, "jobs": jobs, **request}, keys


class Hand(Guest):
    """Reserves a few jobs and ends each: well, badly, by giving it back, or not at all."""

    rests = 0.5

    async def act(self, tongue: Tongue) -> None:
        """Take what there is, and do something with it."""
        queue = self.dice.choice(QUEUES)
        heard = await self.ask(tongue, "RESERVE", queue=queue, limit=2, wait=WAITS)
        jobs = heard.value["jobs"] if heard.ok else []
        for got in [self._got(tongue, job, heard.at) for job in jobs]:
            await trio.sleep(self.dice.expovariate(10.0))
            [how] = self.dice.choices([*ENDS, None], [6, 1, 1, 1])
            if how is not None:
                await self._end(tongue, got, how)

    def _got(self, tongue: Tongue, job: dict[str, Any], at: float) -> Got:
        boot, number = job["reservation"].split("-")
        got = Got(
            job["payload"], job["id"], tongue.wire.name, at, (int(boot) << 40) + int(number),
            at + LEASE,
        )  # fmt: skip
        self.story.handed.append((job["queue"], got.job, at))
        self.story.note(got)
        return got

    async def _end(self, tongue: Tongue, got: Got, how: How) -> None:
        sent, number = trio.current_time(), got.number
        assert number is not None
        held = f"{number >> 40}-{number % (1 << 40)}"
        said = {} if how == "done" else {"delay": round(self.dice.uniform(0.0, 1.0), 3)}
        delay = said.get("delay", 0.0)
        try:
            heard = await self.ask(tongue, ENDS[how], job=got.job, reservation=held, **said)
        except CutOff:
            self.story.note(Ending(got.job, got.holder, how, sent, number=number, delay=delay))
            raise
        self.story.note(Ending(got.job, got.holder, how, sent, heard.at, heard.ok, number, delay))


class Onlooker(Guest):
    """Waits for the end of a job that somebody published lately."""

    rests = 0.1

    async def act(self, tongue: Tongue) -> None:
        """See how one ends, if it does."""
        job = self.dice.choice([*list(self.story.jobs)[-LATEST:], "nobody"])
        sent = trio.current_time()
        heard = await self.ask(tongue, "WAIT", job=job, wait=WAITS)
        if heard.ok and (state := heard.value["job"]["state"]) in FINAL:
            self.story.witness(Over(job, state, sent, heard.at))


def _published(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("jobs", [answer])
    return found
