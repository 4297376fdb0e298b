"""Who owns a queue that nobody else uses: empties, deletes and drains it, keeps its schedules."""

from typing import Any, Final

import trio

from jobyard.soak.client import Heard
from jobyard.soak.guests import NOT_NOW, Guest
from jobyard.soak.history import Publishing
from jobyard.soak.house import House
from jobyard.soak.story import Emptied, Story, Tick
from jobyard.soak.tongues import Tongue

BIN: Final = "bin"
CLOCK: Final = "clock"
EVERY: Final = "* * * * * *"
"""Once a second."""
FIRES_WITHIN: Final = 3.0


class Cleaner(Guest):
    """Publishes into a queue of its own, and has it emptied, deleted or drained."""

    def __init__(self, house: House, story: Story, seed: int) -> None:
        super().__init__(house, story, seed, "cleaner")
        self._jobs: list[str] = []
        """Acknowledged, and not known to be gone."""
        self._full = False
        """There may be a job."""

    @property
    def owes(self) -> bool:
        """Whether something may be left."""
        return self._full

    async def act(self, tongue: Tongue) -> None:
        """Put something in, or take everything out."""
        if self.story.calm or self.dice.random() < 0.4:
            await self._empty(tongue)
        elif self.dice.random() < 0.3:
            await self._drain(tongue)
        else:
            await self._fill(tongue)

    async def _fill(self, tongue: Tongue) -> None:
        count = self.dice.choice((1, 3))
        keys = [self.story.name("waste") for _ in range(count)]
        self._full = True
        sent = trio.current_time()
        for key in keys:
            self.story.note(Publishing(key, sent))
        jobs = [{"type": "kind", "payload": key, "priority": count} for key in keys]
        heard = await self.ask(tongue, "ENQUEUE_MANY", queue=BIN, jobs=jobs)
        if heard.ok:
            self._jobs += [one["job"] for one in heard.value["jobs"]]

    async def _empty(self, tongue: Tongue) -> None:
        word = self.dice.choice(("PURGE", "DELETE_QUEUE_WHOLE"))
        heard = await self.ask(tongue, word, queue=BIN)
        if heard.refusal in NOT_NOW:
            return
        if not heard.ok and heard.refusal != "unknown-queue":
            self.story.complaints.append(f"unpurged: {word} was refused: {heard.refusal}")
        gone, self._jobs, self._full = self._jobs, [], False
        self.story.witness(Emptied(tuple(gone), heard.at))
        counts = await self.ask(tongue, "COUNTS", queue=BIN)
        if counts.ok and _any(counts.value):
            self.story.complaints.append(f"unpurged: {word} left {counts.value}")
        for job in gone[:1]:
            if (await self.ask(tongue, "GET", job=job)).ok:
                self.story.complaints.append(f"unpurged: {job} is there after {word}")

    async def _drain(self, tongue: Tongue) -> None:
        drained = await self.ask(tongue, "DRAIN", queue=BIN)
        key = self.story.name("never")
        if drained.ok:
            heard = await self.ask(tongue, "ENQUEUE", queue=BIN, type="kind", payload=key)
            if heard.refusal not in {"draining", *NOT_NOW}:
                self.story.complaints.append(f"undrained: {key} was taken: {heard.value}")
        await self.ask(tongue, "RESUME", queue=BIN)


class Timekeeper(Guest):
    """Declares what a queue of its own makes each second, and looks at what it made."""

    def __init__(self, house: House, story: Story, seed: int) -> None:
        super().__init__(house, story, seed, "timekeeper")
        self._declared = ""
        """What may be declared now."""
        self._ended = set[int]()
        """Recurrences that are no more."""
        self._full = False
        """There may be a job."""

    @property
    def owes(self) -> bool:
        """Whether something may be declared, or left."""
        return bool(self._declared) or self._full

    async def act(self, tongue: Tongue) -> None:
        """Declare, have a job made now, pause, look, or end it all."""
        chance = self.dice.random()
        if self.story.calm:
            await self._end(tongue)
        elif not self._declared:
            await self._declare(tongue, self.story.name("chime"))
        elif chance < 0.2:
            await self._declare(tongue, self._declared)
        elif chance < 0.4:
            await self._steer(tongue)
        elif chance < 0.5:
            await self._drop(tongue)
        else:
            await self._look(tongue)

    async def _declare(self, tongue: Tongue, kind: str) -> Heard:
        self._declared, self._full = kind, True
        overlap = self.dice.choice(("allow", "skip"))
        missed = self.dice.choice(("skip", "once"))
        return await self.ask(
            tongue, "SET_RECURRENCE", queue=CLOCK, type=kind, cron=EVERY, missed=missed,
            overlap=overlap,
        )  # fmt: skip

    async def _steer(self, tongue: Tongue) -> None:
        number = (await self._declare(tongue, self._declared)).value
        if not isinstance(number, dict):
            return
        named = {"queue": CLOCK, "number": number["number"]}
        await self.ask(tongue, "RUN_RECURRENCE", **named)
        await self.ask(tongue, "PAUSE_RECURRENCE", **named)
        await trio.sleep(self.dice.uniform(0.0, 2.0))
        await self.ask(tongue, "PAUSE_RECURRENCE", paused=False, **named)

    async def _drop(self, tongue: Tongue) -> bool:
        """End every recurrence; True: none is left, for sure."""
        heard = await self.ask(tongue, "RECURRENCES", queue=CLOCK)
        if heard.refusal and heard.refusal != "unknown-queue":
            return False
        numbers = [one["number"] for one in heard.value["recurrences"]] if heard.ok else []
        for number in numbers:
            if number in self._ended:
                self.story.complaints.append(f"ticked: recurrence {number} is there after its end")
            if (await self.ask(tongue, "DELETE_RECURRENCE", number=number)).refusal in NOT_NOW:
                return False
            self._ended.add(number)
        self._declared = ""
        return True

    async def _look(self, tongue: Tongue) -> int:
        """Witness what is there; the number of jobs."""
        heard = await self.ask(tongue, "LIST", queue=CLOCK, limit=1000)
        jobs = heard.value["jobs"] if heard.ok else []
        for job in jobs:
            tick = Tick(job["id"], job["recurrence"], job["tick"], job["created_at"])
            self.story.witness(tick)
        return len(jobs)

    async def _end(self, tongue: Tongue) -> None:
        await self._look(tongue)
        if not await self._drop(tongue):
            return
        before = await self._look(tongue)
        await trio.sleep(FIRES_WITHIN)
        if await self._look(tongue) > before:
            self.story.complaints.append(f"ticked: {CLOCK} makes jobs without a recurrence")
        self._full = not (await self.ask(tongue, "PURGE", queue=CLOCK)).ok


def _any(counts: Any) -> bool:
    states = counts["states"]
    numbers = states.values() if isinstance(states, dict) else states
    return any(numbers) or bool(counts["types"])
