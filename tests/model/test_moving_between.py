"""Two queues, their posts and a disk, thrown about by dice: a job is in exactly one of them.

What was answered after its commit is what every later loading finds.
"""

import random
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import pytest
from attrs import define, field

from engine.access import Caller
from engine.commands import DeleteQueue, Done, Move, Publish, Purge, Reserve, SetAccess
from engine.queue_state import Neighbours, Parting, QueueState, Step, Storage
from engine.queue_state.crash import abandon
from engine.replies import Ok
from engine.source import seeded_source
from engine.store.tables import Table
from tests.model.addresses import Address
from tests.model.alike import sound
from tests.model.naive_job import must
from tests.model.steps import Rows, fold, write
from tests.model.values import CALLS

STEPS: Final = 120
WHO: Final[Caller] = CALLS[0]
A, B = "a", "b"


class Beside(Neighbours):
    """What the desk tells a queue of the other one."""

    def __init__(self, town: "Town", name: str) -> None:
        self.town, self.name = town, name

    def have(self, job: str) -> bool:
        return any(job in q.ids for name, q in self.town.queues.items() if name != self.name)

    def number(self, queue: str) -> int:
        return self.town.queues[queue].number


@define
class Town:
    """Both queues, what is under way between them, and what is on disk."""

    dice: random.Random
    now: float = 1_000.0
    disk: Rows = field(factory=dict[Table, dict[Any, Any]])
    queues: dict[str, QueueState] = field(factory=dict[str, QueueState])
    posts: dict[str, deque[Parting]] = field(factory=dict[str, deque[Parting]])
    pending: deque[Step] = field(factory=deque[Step])
    storage: Storage = field(factory=Storage)
    source: Any = field(factory=lambda: seeded_source(1))
    moved: int = 0
    """Moves that were durable."""

    def __attrs_post_init__(self) -> None:
        self.source.start(1)
        for name in (A, B):
            self.queues[name], self.posts[name] = self.fresh(name), deque()

    def fresh(self, name: str) -> QueueState:
        made = QueueState("g", name, self.source, storage=self.storage)
        made.neighbours = Beside(self, name)
        return made

    def tell(self, name: str, command: Any) -> Any:
        address = Address()
        self.queues[name].handle(command, WHO, address, self.now)
        self.hand_over(name)
        return address

    def hand_over(self, name: str) -> None:
        """The end of a breath: the step on its way to the disk, the post on its way too."""
        step = self.queues[name].take_step()
        self.pending.append(step)
        for parting in step.partings:
            self.posts[parting.queue].append(parting)

    def open_post(self, name: str) -> None:
        while self.posts[name]:
            self.queues[name].arrive(self.posts[name].popleft(), self.now)
        self.hand_over(name)

    def commit(self, count: int) -> None:
        folded: Rows = {}
        for _ in range(min(count, len(self.pending))):
            step = self.pending.popleft()
            fold(folded, step)
            self.moved += len(step.partings)
            self.queues[A].durable(0, self.now)
            for to, reply in step.letters:
                to.send(reply)
        write(self.disk, folded)

    def load(self, name: str) -> QueueState:
        """A queue as its rows are; those of a number that no queue has are nobody's."""
        made = self.fresh(name)
        for row in self.disk.get(Table.QUEUES, {}).values():
            if row[2] == name:
                made.load_queue(row)
        bodies = self.disk.get(Table.BODIES, {})
        heads = sorted(self.disk.get(Table.HEADS, {}).items())
        mine = [(seq, head) for seq, head in heads if made.number and head[1] == made.number]
        made.load_jobs([(*head, *bodies[seq][1:]) for seq, head in mine], self.now)
        made.loaded()
        return made

    def crash(self, name: str) -> None:
        """One queue dies between two breaths and reads its rows; the posts wait for it."""
        self.commit(len(self.pending))
        abandon(self.queues[name])
        made = self.queues[name] = self.load(name)
        self.posts[name] = deque(p for p in self.posts[name] if p.job.seq not in made.jobs)

    def kill(self) -> None:
        """The process dies: what is not on disk never was."""
        self.pending.clear()
        self.storage = Storage()
        self.source.start(self.source.boot + 1)
        for name in (A, B):
            self.posts[name].clear()
            self.queues[name] = self.load(name)

    def check(self) -> None:
        under_way = [p.job.id for post in self.posts.values() for p in post]
        there = [job for q in self.queues.values() for job in q.ids]
        must(len({*there, *under_way}) == len(there) + len(under_way), "a job is in one place")
        for q in self.queues.values():
            must(q.recount() == (q.counts, q.types), "counters equal a recount")
        if not under_way:
            used = sum(len(j.payload or b"") for q in self.queues.values() for j in q.jobs.values())
            must(self.storage.used == used, "bytes in memory equal a recount")

    def settle(self) -> None:
        """Every post is opened and everything is durable: memory and disk are the same."""
        for name in (A, B):
            self.open_post(name)
        self.commit(len(self.pending))
        for name, q in self.queues.items():
            again = self.load(name)
            must(again.ids.keys() == q.ids.keys(), f"{name} has on disk what it has in memory")
            must(list(again.order.after(0)) == list(q.order.after(0)), "in the same order")
        heads, bodies = self.disk.get(Table.HEADS, {}), self.disk.get(Table.BODIES, {})
        must(heads.keys() == bodies.keys(), "a head and a body a job")

    # -- what may happen to a queue ------------------------------------------------------------

    def publish(self, name: str) -> None:
        self.tell(name, Publish(name, "t", b"x" * self.dice.randrange(9)))

    def move(self, name: str) -> None:
        other = B if name == A else A
        if not self.queues[other].number:
            self.tell(other, SetAccess(other))
        if jobs := list(self.queues[name].ids):
            self.tell(name, Move(self.dice.choice(jobs), other))

    def reserve(self, name: str) -> None:
        self.tell(name, Reserve(name))

    def done(self, name: str) -> None:
        for job in list(self.queues[name].jobs.values()):
            if job.reservation is not None:
                self.tell(name, Done(job.id, job.reservation.id))
                return

    def commit_some(self, _: str) -> None:
        self.commit(self.dice.randrange(4))

    def take_away(self, name: str) -> None:
        self.tell(name, self.dice.choice((Purge, DeleteQueue))(name))

    def play(self) -> None:
        (act,) = self.dice.choices(list(ACTS), list(ACTS.values()))
        act(self, self.dice.choice((A, B)))
        self.check()

    def kill_and_sweep(self, _: str) -> None:
        """After a kill the rows of no queue are deleted, as starting does."""
        self.kill()
        numbers = {row[0] for row in self.disk.get(Table.QUEUES, {}).values()}
        heads = self.disk.get(Table.HEADS, {})
        for seq in [seq for seq, head in heads.items() if head[1] not in numbers]:
            for table in (Table.HEADS, Table.BODIES, Table.DETAILS):
                self.disk.get(table, {}).pop(seq, None)


ACTS: Final[dict[Callable[[Town, str], None], int]] = {
    Town.publish: 6,
    Town.move: 8,
    Town.reserve: 2,
    Town.done: 2,
    Town.open_post: 3,
    Town.commit_some: 3,
    Town.take_away: 1,
    Town.crash: 2,
    Town.kill_and_sweep: 1,
}
"""What happens, and how often."""


@pytest.mark.parametrize("seed", range(60))
def test_dice_find_no_job_twice_and_none_lost(seed: int) -> None:
    town = Town(random.Random(seed))
    for _ in range(STEPS):
        town.play()
    town.settle()
    for q in town.queues.values():
        payloads = (job.payload or b"" for job in q.jobs.values())
        q.storage = Storage(used=sum(map(len, payloads)))  # was shared, and compared above
        sound(q)
    assert town.moved > 0


def test_what_was_answered_is_found_after_a_kill() -> None:
    met = 0
    for seed in range(200):
        town = Town(random.Random(seed))
        for name in (A, B):
            town.tell(name, Publish(name, "t", b""))
        town.commit(9)
        [job] = town.queues[A].ids
        said = town.tell(A, Move(job, B))
        if town.dice.randrange(2):
            town.open_post(B)
        town.tell(B, Publish(B, "t", b"")) if town.dice.randrange(2) else None
        town.commit(town.dice.randrange(3))
        town.kill()
        answered = said.answers == [Ok()]
        met += answered
        assert (job in town.queues[B].ids) is answered
        assert (job in town.queues[A].ids) is not answered
    assert 50 < met < 190
