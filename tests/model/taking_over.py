"""What another server kept comes in, and what a queue asks of doors changes."""

from attrs import define

from engine import commands as c
from engine.job import JobState
from tests.model.beside import NAME
from tests.model.cast import WHO, Cast
from tests.model.values import DELAYS, KEYS, KINDS, LIFE, POLICIES, SCOPES

IDS = 6
AGES = (0.0, 1.0, 2.5, 60.0)
KEPT = (IDS, 7, 3, 3, len(AGES), len(DELAYS), len(LIFE), len(KEYS), len(SCOPES), len(POLICIES), 3)
"""Bounds of the numbers of one job."""


@define
class TakingOver(Cast):
    """Who brings jobs from elsewhere."""

    def _kept(self, *numbers: int) -> c.AdoptedJob:
        name, state, kind, priority, age, delay, life, key, scope, policy, tries = numbers
        now = self.world.now
        finished = now - AGES[age]
        expires = LIFE[life]
        self.made += 1
        return c.AdoptedJob(
            f"kept-{name}", KINDS[kind], b"kept %d" % self.made, JobState(state),
            now - 100.0, finished, priority - 1, now - 1.0 + DELAYS[delay],
            None if expires is None else now - 0.75 + expires, attempts=tries, failures=tries % 2,
            unique_key=KEYS[key], unique_scope=SCOPES[scope], policy=POLICIES[policy],
        )  # fmt: skip

    def adopt(self, who: int, *numbers: int) -> None:
        half = len(numbers) // 2
        jobs = (self._kept(*numbers[:half]), self._kept(*numbers[half:]))
        self._tell(c.Adopt(NAME, jobs), self._who(who % (WHO - 1)))

    def set_access(self, readers: int, declared: int) -> None:
        names = (None, (), ("one", "two"))[readers]
        command = c.SetAccess(NAME, readers=names, declared=(None, False, True)[declared])
        self._tell(command, self._who(0))
