"""Everything that can happen, each as a method of small numbers, for Hypothesis and for dice.

A method's bounds stand in `BOUNDS`: it is called with one number below each. Numbers index tables
of values that collide often: few types, few priorities, few keys, short times.
"""

import random
from typing import Any, Final

from attrs import define

from engine import commands as c
from engine.commands import NewJob, PublishOptions
from tests.model.addresses import Address
from tests.model.beside import NAME
from tests.model.cast import HANDLES, WHO
from tests.model.naive_job import must
from tests.model.taking_over import KEPT, TakingOver
from tests.model.values import (
    DELAYS,
    GRACES,
    KEYS,
    KINDS,
    LIFE,
    POLICIES,
    SCOPES,
    TIMES,
    TYPES,
)

LONGEST_HOLD: Final = 70.0
"""Seconds: more than the longest lease and the longest wait together."""


@define
class Play(TakingOver):
    """One run."""

    # -- publishing ---------------------------------------------------------------------------

    def _new(self, *numbers: int) -> NewJob:
        kind, priority, delay, life, key, scope, policy = numbers
        self.made += 1
        options = PublishOptions(
            priority=priority - 1, delay=DELAYS[delay], time_to_live=LIFE[life],
            unique_key=KEYS[key], unique_scope=SCOPES[scope], policy=POLICIES[policy],
        )  # fmt: skip
        return NewJob(KINDS[kind], b"payload %d" % self.made, options)

    def publish(self, who: int, *numbers: int) -> None:
        new = self._new(*numbers)
        self._tell(c.Publish(NAME, new.type, new.payload, new.options), self._who(who))

    def request(self, who: int, again: int) -> None:
        """A publish with a request id; and again, soon or much later."""
        by = self._who(who)
        known = [key for key in self.world.answered if key.startswith(by.principal.name)]
        command = c.Publish(NAME, "a", b"requested %d" % self.made)
        if known and again and self.world.naive.exists:
            self.world.tell_again(command, by, known[again % len(known)])
        else:
            self.made += 1
            self.world.tell(command, by, request=f"{by.principal.name} {self.made}")

    def publish_plainly(self, kind: int) -> None:
        self.made += 1
        self._tell(c.Publish(NAME, KINDS[kind], b"plain %d" % self.made), self._who(0))

    def publish_many(self, who: int, *numbers: int) -> None:
        half = len(numbers) // 2
        jobs = (self._new(*numbers[:half]), self._new(*numbers[half:]))
        self._tell(c.PublishMany(NAME, jobs), self._who(who))

    # -- waiting ------------------------------------------------------------------------------

    def subscribe(self, who: int, types: int, credit: int) -> None:
        self._tell(c.Subscribe(NAME, TYPES[types], credit + 1), self._who(who))

    def unsubscribe(self, who: int) -> None:
        self._tell(c.Unsubscribe(NAME), self._who(who))

    def reserve(self, who: int, types: int, limit: int, wait: int, lease: int) -> None:
        address, by = Address(), self._who(who)
        command = c.Reserve(
            NAME, TYPES[types], limit + 1, (0.0, 0.5, 2.0)[wait], (None, 0.5, 5.0)[lease]
        )
        self._tell(command, by, address)
        self.parked = [*self.parked[-7:], address]

    def give_up(self, number: int) -> None:
        """A call is given up only while it waits; who was answered has what he asked for."""
        waiting = [to for to in self.parked if self.world.waits(to)]
        if waiting:
            self.world.give_up(waiting[number % len(waiting)])

    def spoke(self, who: int) -> None:
        """A peer of one job at a time spoke after a job was taken from under it."""
        self.world.spoke(self.peers[who % len(self.peers)])

    # -- holding ------------------------------------------------------------------------------

    def done(self, number: int, handle: int, who: int, result: int) -> None:
        if job := self._held(number):
            reservation, by = self._handle(job, handle, who)
            self._tell(c.Done(job.id, reservation, (None, b"result")[result]), by)

    def fail(self, number: int, handle: int, who: int, how: int) -> None:
        if job := self._held(number):
            reservation, by = self._handle(job, handle, who)
            words, pause = ("", "it broke")[how % 2], (None, 0.0, 1.5)[how % 3]
            command = c.Fail(
                job.id, reservation, words, retry=how > 5, delay=pause, to_tail=how % 7 == 0
            )
            self._tell(command, by)

    def release(self, number: int, handle: int, who: int, delay: int) -> None:
        if job := self._held(number):
            reservation, by = self._handle(job, handle, who)
            self._tell(c.Release(job.id, reservation, (0.0, 1.5)[delay]), by)

    def touch(self, number: int, handle: int, who: int, lease: int) -> None:
        if job := self._held(number):
            reservation, by = self._handle(job, handle, who)
            self._tell(c.Touch(job.id, reservation, (None, 0.5, 6.0)[lease]), by)

    def tell_more(self, number: int, handle: int, who: int, what: int) -> None:
        if job := self._held(number):
            reservation, by = self._handle(job, handle, who)
            words = (
                c.Started(job.id, reservation), c.Log(job.id, "a line", reservation),
                c.Progress(job.id, 0.5, "half", reservation),
                c.Checkpoint(job.id, b"so far", reservation),
            )  # fmt: skip
            self._tell(words[what], by)

    def report(self, number: int, who: int, state: int, held: int) -> None:
        if job := (self._held(number) if held else self._job(number)):
            mine = held > 1 and job.hold is not None
            by = self._owner(job, who) if mine else self._who(who)
            states: Any = ("in-progress", "done", "errored")
            self._tell(c.Report(job.id, states[state]), by)

    # -- looking after ------------------------------------------------------------------------

    def of_job(self, number: int, who: int, what: int, state: int) -> None:
        if job := self._job(number):
            states: Any = ("ready", "reserved", "done", "failed")
            commands = (
                c.Cancel(job.id), c.Cancel(job.id), c.Reset(job.id), c.Reset(job.id),
                c.Delete(job.id), c.Get(job.id), c.Override(job.id, states[state]),
            )  # fmt: skip
            self._tell(commands[what], self._who(who % (WHO - 1)))

    def edit(self, number: int, priority: int, delay: int, payload: int) -> None:
        if job := self._job(number):
            body = (None, b"edited")[payload]
            new = c.Edit(job.id, (None, -1, 5)[priority], (None, 0.0, 1.5)[delay], body)
            self._tell(new, self._who(0))

    def of_nothing(self, who: int, what: int) -> None:
        name = "no-such-job"
        commands = (c.Done(name), c.Cancel(name), c.Delete(name), c.Report(name, "done"))
        self._tell(commands[what], self._who(who))

    def of_queue(self, what: int, peer: int) -> None:
        address = self.peers[peer].address
        commands = (
            c.Pause(NAME), c.Resume(NAME), c.Resume(NAME), c.KickAll(NAME), c.Kick(NAME, address),
            c.RetryNow(NAME), c.RetryNow(NAME), c.Purge(NAME), c.DeleteQueue(NAME), c.Drain(NAME),
            c.Resume(NAME), c.Resume(NAME),
        )  # fmt: skip
        self._tell(commands[what], self._who(0))

    def declare(self, kind: int, every: int, missed: int, overlap: int, now: int) -> None:
        missing: Any = ("skip", "once")
        overlapping: Any = ("allow", "skip")
        command = c.SetRecurrence(
            NAME, f"r{kind}", f"@every {(1, 3, 100)[every]}s", b"tick", missed=missing[missed],
            overlap=overlapping[overlap], once_now=kind == 2,
        )  # fmt: skip
        self._tell(command, self._who(now))

    def of_recurrence(self, number: int, what: int) -> None:
        every = self.world.ticks.every
        found = every[number % len(every)].number if every else 7
        commands = (
            c.PauseRecurrence(NAME, found), c.PauseRecurrence(NAME, found, paused=False),
            c.RunRecurrence(NAME, found), c.DropRecurrence(NAME, found),
        )  # fmt: skip
        self._tell(commands[what], self._who(0))

    # -- the world ----------------------------------------------------------------------------

    def elapse(self, seconds: int) -> None:
        self.world.elapse(TIMES[seconds])

    def oversleep(self, seconds: int) -> None:
        self.world.oversleep(TIMES[seconds])

    def jump(self, seconds: int) -> None:
        self.world.jump((-3600.0, -5.0, 0.5, 2.0, 90.0, 7200.0)[seconds])

    def close(self, place: int) -> None:
        self.world.close(self.peers[place])
        self.peers[place] = self._peer(place)

    def open_batch(self) -> None:
        self.world.open_batch()

    def close_batch(self) -> None:
        self.world.close_batch()

    def lag(self) -> None:
        self.world.lag()

    def commit(self, count: int) -> None:
        self.world.commit(count + 1)

    def commit_all(self) -> None:
        self.world.start_clocks()

    def crash(self) -> None:
        self.world.crash()
        self.peers = [self._peer(place) for place in range(len(GRACES))]
        self.parked.clear()

    def drain(self) -> None:
        """The end of a run: all connections close, and every reservation ends by itself."""
        self.world.start_clocks()
        while self.world.ticks.every:
            self.of_recurrence(0, 3)
        for place in range(len(self.peers)):
            self.close(place)
        self.world.elapse(LONGEST_HOLD)
        self.world.start_clocks()
        self.world.compare_with_disk()
        must(not any(job.hold for job in self.world.naive.jobs), "every reservation ends")

    def stumble(self) -> None:
        self.world.stumble()

    def reload(self) -> None:
        self.world.compare_with_disk()


_NEW: Final = (3, 3, len(DELAYS), len(LIFE), len(KEYS), len(SCOPES), len(POLICIES))
BOUNDS: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    "publish": (16, (WHO, *_NEW)),
    "publish_plainly": (4, (3,)),
    "request": (2, (WHO, 4)),
    "adopt": (4, (WHO, *KEPT, *KEPT)),
    "set_access": (1, (3, 3)),
    "publish_many": (3, (WHO, *_NEW, *_NEW)),
    "subscribe": (5, (WHO, len(TYPES), 3)),
    "unsubscribe": (1, (len(GRACES),)),
    "reserve": (12, (WHO, len(TYPES), 3, 3, 3)),
    "give_up": (2, (8,)),
    "spoke": (1, (len(GRACES),)),
    "done": (8, (8, HANDLES, WHO, 2)),
    "fail": (8, (8, HANDLES, WHO, 24)),
    "release": (4, (8, HANDLES, WHO, 2)),
    "touch": (4, (8, HANDLES, WHO, 3)),
    "tell_more": (3, (8, HANDLES, WHO, 4)),
    "report": (4, (8, WHO, 3, 3)),
    "of_job": (7, (8, WHO, 7, 4)),
    "edit": (3, (8, 3, 3, 2)),
    "of_nothing": (1, (WHO, 4)),
    "of_queue": (3, (12, len(GRACES))),
    "declare": (2, (3, 3, 2, 2, WHO)),
    "of_recurrence": (2, (4, 4)),
    "jump": (1, (6,)),
    "elapse": (10, (len(TIMES),)),
    "oversleep": (3, (len(TIMES),)),
    "close": (3, (len(GRACES),)),
    "open_batch": (3, ()),
    "close_batch": (2, ()),
    "lag": (2, ()),
    "commit": (4, (3,)),
    "commit_all": (2, ()),
    "crash": (1, ()),
    "stumble": (1, ()),
    "reload": (1, ()),
}
"""Name -> how often, and the bound of each number."""

_NAMES: Final = tuple(BOUNDS)
_WEIGHTS: Final = tuple(weight for weight, _ in BOUNDS.values())


def throw(dice: random.Random) -> tuple[str, list[int]]:
    """The next thing to happen: a method and its numbers."""
    (name,) = dice.choices(_NAMES, _WEIGHTS)
    return name, [dice.randrange(bound) for bound in BOUNDS[name][1]]
