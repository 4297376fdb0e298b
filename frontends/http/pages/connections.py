"""The connections of workers over all queues of a group. Pure."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from engine.replies import WorkerView


@frozen
class Connection:
    """One connection with everything it is subscribed to."""

    name: str
    address: str
    since: float
    """When it subscribed first, unix seconds."""
    finished: int
    """Jobs it said done, in every queue."""
    queues: tuple[str, ...]
    types: tuple[str, ...]
    """Those it takes; none: of one queue at least all."""
    credit: int
    """Jobs it holds at most, over all queues."""
    holding: tuple[str, ...]
    busy: bool


def connections(seen: Iterable[tuple[str, Sequence[WorkerView]]]) -> list[Connection]:
    """A row each, those that came first at the top.

    Args:
        seen: each queue with its workers.
    """
    found: dict[tuple[str, str], list[tuple[str, WorkerView]]] = {}
    for queue, workers in seen:
        for worker in workers:
            found.setdefault((worker.address, worker.name), []).append((queue, worker))
    rows = [_joined(parts) for parts in found.values()]
    return sorted(rows, key=lambda row: (row.since, row.address, row.name))


def _joined(parts: Sequence[tuple[str, WorkerView]]) -> Connection:
    workers = [worker for _, worker in parts]
    first = workers[0]
    everything = any(not worker.types for worker in workers)
    kinds = dict.fromkeys(kind for worker in workers for kind in worker.types)
    return Connection(
        first.name,
        first.address,
        min(worker.since for worker in workers),
        max(worker.finished for worker in workers),
        tuple(queue for queue, _ in parts),
        () if everything else tuple(kinds),
        sum(worker.credit for worker in workers),
        tuple(job for worker in workers for job in worker.holding),
        any(worker.busy for worker in workers),
    )
