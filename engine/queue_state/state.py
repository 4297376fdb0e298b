"""The face of a queue's arithmetic: commands, time, departures, and coming back from disk."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any, Final

from engine.access import Caller, Peer
from engine.commands import TABLE, Adopt, PublishMany, Route
from engine.job import TERMINAL, JobState
from engine.queue_state import ending, transfers
from engine.queue_state.core import MOST_CHANGES, QueueCore
from engine.queue_state.due import fire_due
from engine.queue_state.handlers import HANDLERS
from engine.queue_state.matching import settle
from engine.queue_state.moves import add, next_deadline
from engine.queue_state.queue_rows import queue_more_from, recurrence_from
from engine.queue_state.recurrences import Recurrence
from engine.queue_state.recurring import arm, arm_all
from engine.queue_state.requests import can_pack, request_row
from engine.queue_state.rows import details_from, job_from
from engine.queue_state.step import Parting
from engine.queue_state.taking import drop_subscription
from engine.queue_state.waiting import Waiter
from engine.queue_state.watching import forget, tell_all
from engine.recurrence import Schedule
from engine.replies import OK, Code, Granted, Refused, Reply, ReplyTo
from engine.store.tables import Row, Table

UNKNOWN_QUEUE = Refused(Code.UNKNOWN_QUEUE)
BULKS: Final = frozenset({PublishMany, Adopt})
"""Commands that change as many jobs as they name."""


class QueueState(QueueCore):
    """One queue. Each call adds to the step; `take_step` ends it."""

    def handle(
        self,
        command: object,
        who: Caller,
        to: ReplyTo,
        now: float,
        request: str | None = None,
    ) -> None:
        """Decide one command. Its answer, and whatever follows from it, are in the step."""
        kind = type(command)
        if not self.number and TABLE[kind].route is not Route.NEW_QUEUE:
            self.letters.append((to, UNKNOWN_QUEUE))
            return
        asked = None if request is None else f"{who.principal.name}\n{kind.__name__}\n{request}"
        if asked is not None and self._answer_again(asked, to, now):
            return
        sent = len(self.letters)
        reply = HANDLERS[kind](self, command, who, to, now)
        if reply is not None:
            self.letters.append((to, reply))
        if asked is not None:
            answer = next((said for at, said in self.letters[sent:] if at is to), None)
            if answer is not None and can_pack(answer):
                self._remember(asked, answer, now)
        if self.events:
            settle(self, now)

    def _answer_again(self, key: str, to: ReplyTo, now: float) -> bool:
        found = self.storage.requests.find(key, now)
        if found is None:
            return False
        self.letters.append((to, found))
        return True

    def _remember(self, key: str, answer: Reply, now: float) -> None:
        """Keep the answer to a request that may be asked again."""
        requests = self.storage.requests
        requests.add(key, now, answer)
        self.asked.append(key)
        kept = self.other.setdefault(Table.REQUESTS, {})
        kept[key] = request_row(key, self.number, now, answer)
        for old in requests.outdated(now):
            kept[old] = None

    def has_room(self, command: Any) -> bool:
        """Whether the step can still take all that a bulk command changes."""
        changed = self.changed
        return not changed or changed + len(command.jobs) <= MOST_CHANGES

    def advance(self, now: float) -> None:
        """Do what is due, and go on with bulk work, up to the bound of a step."""
        fire_due(self, now)
        self.run_bulk()
        if self.events:
            settle(self, now)

    def arrive(self, parting: Parting, now: float) -> None:
        """Another queue gave a job to this one."""
        transfers.arrive(self, parting, now)
        settle(self, now)

    def nudge(self, peer: Peer, now: float) -> None:
        """A peer that takes one job at a time is free again, or spoke."""
        waiter = self.subscriptions.get(peer)
        if waiter is not None and not waiter.number and waiter.is_willing():
            self.line.join(waiter)
            self.events.append(waiter)
            settle(self, now)

    def gone(self, who: Peer | ReplyTo, now: float) -> None:
        """A connection closed, or a call was cancelled: nothing stays with it for ever."""
        for waiter in self.line.of(who):
            self.leave_line(waiter)
        forget(self, who)
        if isinstance(who, Peer):
            drop_subscription(self, who, now)
            for seq in tuple(self.held.get(who, ())):
                job = self.jobs[seq]
                hold = job.reservation
                assert hold is not None
                if who.grace <= 0:
                    ending.disconnect(self, job, now)
                else:
                    hold.back_at = now + who.grace
                    self.set_alarm(job, hold.back_at)
        else:
            for seq, reservation in self.calls.pop(id(who), (who, ()))[1]:
                granted = self.jobs.get(seq)
                hold = None if granted is None else granted.reservation
                if granted is not None and hold is not None and hold.number == reservation:
                    ending.release(self, granted, now)
        settle(self, now)

    def end_waits(self, peer: Peer, now: float) -> None:
        """A peer sends no more: who cannot say that a job is done is given none."""
        for waiter in self.line.of(peer):
            self.leave_line(waiter)
            if waiter.to is not None:
                self.letters.append((waiter.to, Granted(())))
        tell_all(self, peer)
        settle(self, now)

    def give_back(self, to: ReplyTo, now: float) -> None:
        """Stop: what connections hold comes back as released, not as disconnected.

        Whoever waits is told that nothing came.
        """
        self.paused = True  # in memory only: nothing is handed out any more
        for waiter in self.line.all():
            self.leave_line(waiter)
            if waiter.to is not None:
                self.letters.append((waiter.to, Granted(())))
        tell_all(self)
        self.start_bulk(_give_back(self, now), to)

    def durable(self, number: int, now: float) -> None:
        """Every step up to `number` is on disk: the clocks of its grants start."""
        while self.granted and self.granted[0][0] <= number:
            for seq, reservation in self.granted.popleft()[1]:
                job = self.jobs.get(seq)
                hold = None if job is None else job.reservation
                if job is None or hold is None or hold.number != reservation:
                    continue
                hold.durable = True
                hold.lease_until = now + hold.lease
                if job.policy.run_limit is not None:
                    hold.run_until = now + job.policy.run_limit
                at = next_deadline(job)
                if at < job.alarm:
                    self.set_alarm(job, at)
        if not (self.granted or self.grants):
            self.calls.clear()

    # -- coming back from disk ---------------------------------------------------------------

    def load_queue(self, row: Any) -> None:
        """The queue's own row."""
        self.number, _, _, self.id, self.created_at, more = row
        kept = queue_more_from(more)
        self.paused, self.paused_by = kept.paused, kept.paused_by
        self.draining, self.drained_by = kept.draining, kept.drained_by
        self.access = kept.access

    def load_recurrence(self, row: Row, now: float) -> None:
        """One recurrence; armed for its next tick."""
        number, spec, last_tick = recurrence_from(row)
        schedule = Schedule.parse(spec.cron, zone=spec.zone, seconds=spec.seconds)
        found = self.recurrences[number] = Recurrence(number, spec, schedule, last_tick)
        arm(self, found, now)

    def load_jobs(self, rows: Iterable[Row], now: float, grace: float = 0.0) -> None:
        """Take jobs in as they were.

        A lease starts anew; what a connection of an earlier boot held waits for it as long as it
        would have, and `grace` seconds at least, then comes back, counted as a disconnect.
        Payloads past the bound are left to the disk.
        """
        storage = self.storage
        for row in rows:
            job = job_from(row)
            hold = job.reservation
            if hold is not None:
                hold.durable = True
                hold.lease_until = now + hold.lease
                if job.policy.run_limit is not None:
                    hold.run_until = hold.since + job.policy.run_limit
                if hold.bound:
                    hold.back_at = now + max(grace, hold.grace)
                if hold.cancel_at != inf:
                    hold.cancel_at = now
            add(self, job)
            if storage.used > storage.limit:
                self.drop_payload(job)
        self.events.clear()

    def noted(self) -> list[int]:
        """Seqs of live jobs whose details are on disk: they must be in memory to be added to."""
        return [
            seq
            for seq, job in self.jobs.items()
            if job.rare is not None and job.rare.noted and job.state not in TERMINAL
        ]

    def load_details(self, rows: Iterable[Row]) -> None:
        """What those jobs carried."""
        for row in rows:
            job = self.jobs[row[0]]  # type: ignore[index]
            assert job.rare is not None
            job.rare.details = details_from(row)

    def loaded(self) -> None:
        """Everything is in: put in order what is kept in the order of finishing."""
        done = [job for job in self.jobs.values() if job.state is JobState.DONE]
        done.sort(key=lambda job: (job.finished_at, job.seq))
        self.done_order = OrderedDict.fromkeys(job.seq for job in done)

    def rebind(
        self,
        holders: dict[tuple[int, int], Peer],
        subscribed: dict[Peer, tuple[Caller, tuple[str, ...], int]],
        now: float,
    ) -> None:
        """After a reload in the same process: connections get back what is theirs."""
        for job in self.jobs.values():
            hold = job.reservation
            if hold is None or not hold.bound:
                continue
            peer = holders.get(hold.key)
            if peer is None:
                continue
            hold.peer = peer
            hold.back_at = now + peer.grace if peer.left else inf
            self.set_alarm(job, next_deadline(job))
            peer.holding += 1
            self.held.setdefault(peer, {})[job.seq] = None
        for peer, (who, types, credit) in subscribed.items():
            if peer.left:
                continue
            waiter = self.subscriptions[peer] = Waiter(who, types, credit=credit)
            waiter.held.update(self.held.get(peer, {}))
            if waiter.is_willing():
                self.line.join(waiter)
        self.events.extend(self.line.all())

    def follow_wall(self, shift: float, now: float) -> None:
        """The wall clock was corrected: recurrences follow, nothing else does."""
        if shift == self.wall_shift:
            return
        self.wall_shift = shift
        arm_all(self, now)

    def recount(self) -> tuple[list[int], dict[str, list[int]]]:
        """Counters counted anew, for tests and checks."""
        counts = [0] * len(self.counts)
        types: dict[str, list[int]] = {}
        for job in self.jobs.values():
            counts[job.state] += 1
            types.setdefault(job.type, [0] * len(counts))[job.state] += 1
        return counts, types


def _give_back(q: QueueCore, now: float) -> Iterator[Reply | None]:
    for peer in tuple(q.held):
        for seq in tuple(q.held.get(peer, ())):
            ending.release(q, q.jobs[seq], now)
            yield None
    yield OK
