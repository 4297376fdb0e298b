"""The small tables over all queues, as of what each queue decided, durable or not.

The actors write them in the breath of their steps, so what is decided next finds them right.
"""

import gc

from attrs import define, field

from engine.queue_access import QueueAccess
from engine.queue_actor import QueueActor
from engine.queue_state import QueueState, Step
from engine.store.tables import Table


@define
class Tables:
    """Jobs by id, recurrences by number, and queues by name, each within its group."""

    freeze_every: int
    """Jobs after which what is in memory is kept from the collector; 0: never."""
    _jobs: dict[str, dict[str, QueueActor]] = field(factory=dict[str, dict[str, QueueActor]])
    _recurrences: dict[tuple[str, int], QueueActor] = field(
        factory=dict[tuple[str, int], QueueActor]
    )
    _access: dict[str, dict[str, QueueAccess]] = field(factory=dict[str, dict[str, QueueAccess]])
    _frozen: int = 0

    def of_job(self, group: str, job: str) -> QueueActor | None:
        """The queue that has a job."""
        return self._jobs.get(group, {}).get(job)

    def give(self, actor: QueueActor, job: str) -> None:
        """A job is this queue's from now on."""
        self._jobs.setdefault(actor.group, {})[job] = actor

    def of_recurrence(self, group: str, number: int) -> QueueActor | None:
        """The queue a recurrence stands in."""
        return self._recurrences.get((group, number))

    def access(self, group: str) -> dict[str, QueueAccess]:
        """Every queue that exists in a group, in order of making, with what it asks."""
        return self._access.get(group, {})

    def update(self, actor: QueueActor, step: Step) -> None:
        """Note which jobs, recurrences and queues came and went."""
        if step.born or step.gone:
            jobs = self._jobs.get(actor.group)
            if jobs is None:
                jobs = self._jobs[actor.group] = {}
            for job in step.born:
                jobs[job] = actor
            for job in step.gone:
                if job not in actor.state.ids:  # one that was adopted may have come back
                    jobs.pop(job, None)
            self._freeze(len(step.born))
        if Table.RECURRENCES in step.changes:
            self._note_recurrences(actor)
        if Table.QUEUES in step.changes:
            self._note_queue(actor)

    def loaded(self, actor: QueueActor) -> None:
        """The actor's state was filled from disk."""
        jobs = self._jobs.setdefault(actor.group, {})
        for job in actor.state.ids:
            jobs[job] = actor
        self._note_recurrences(actor)
        self._note_queue(actor)

    def forget(self, actor: QueueActor, old: QueueState) -> None:
        """The actor lost its state to a crash."""
        jobs = self._jobs.get(actor.group, {})
        for job in old.ids:
            jobs.pop(job, None)

    def _freeze(self, born: int) -> None:
        self._frozen += born
        if self._frozen >= self.freeze_every > 0:
            self._frozen = 0
            gc.freeze()

    def _note_recurrences(self, actor: QueueActor) -> None:
        group = actor.group
        for number in actor.recurrences:
            self._recurrences.pop((group, number), None)
        actor.recurrences = tuple(actor.state.recurrences)
        for number in actor.recurrences:
            self._recurrences[group, number] = actor

    def _note_queue(self, actor: QueueActor) -> None:
        queues = self._access.setdefault(actor.group, {})
        if actor.state.exists:
            queues[actor.name] = actor.state.access
        else:
            queues.pop(actor.name, None)
