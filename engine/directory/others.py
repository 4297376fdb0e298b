"""The other queues of a group, seen from one of them."""

from collections.abc import Mapping

from engine.directory.tables import Tables
from engine.queue_actor import QueueActor
from engine.queue_state import Neighbours


class Others(Neighbours):
    """Answers from the tables of the desk."""

    def __init__(
        self,
        name: str,
        group: str,
        queues: Mapping[str, Mapping[str, QueueActor]],
        tables: Tables,
    ) -> None:
        """Be the neighbours of queue `name`."""
        self._name = name
        self._group = group
        self._queues = queues
        self._tables = tables

    def have(self, job: str) -> bool:
        """Whether another queue has a job of this id."""
        actor = self._tables.of_job(self._group, job)
        return actor is not None and actor.name != self._name

    def number(self, queue: str) -> int:
        """The number of a queue that exists; else 0."""
        actor = self._queues.get(self._group, {}).get(queue)
        return 0 if actor is None else actor.number
