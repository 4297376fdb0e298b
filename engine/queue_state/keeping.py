"""The rows of a step's jobs, made as it ends: nothing that changes later leaks to the disk."""

from typing import TYPE_CHECKING

from engine.job import TERMINAL
from engine.queue_state import rows
from engine.store.tables import Key, Row, Table

if TYPE_CHECKING:
    from engine.queue_state.core import QueueCore


def keep_jobs(q: "QueueCore", changes: dict[Table, dict[Key, Row | None]]) -> None:
    """Add what the step did to jobs."""
    number = q.number
    heads = changes.setdefault(Table.HEADS, {})
    heads.update({seq: rows.head_row(job, number) for seq, job in q.touched.items()})
    if q.bodies:
        _keep_bodies(q, changes.setdefault(Table.BODIES, {}))
    if q.details:
        _keep_details(q, changes.setdefault(Table.DETAILS, {}))
    if q.removed:
        bodies = changes.setdefault(Table.BODIES, {})
        for seq, has_details in q.removed.items():
            heads[seq] = bodies[seq] = None
            if has_details:
                changes.setdefault(Table.DETAILS, {})[seq] = None


def _keep_details(q: "QueueCore", details: dict[Key, Row | None]) -> None:
    for seq, job in q.details.items():
        rare = job.rare
        if rare is not None and rare.details is not None:
            details[seq] = rows.details_row(seq, rare.details)
            if job.state in TERMINAL:
                rare.details = None


def _keep_bodies(q: "QueueCore", bodies: dict[Key, Row | None]) -> None:
    storage = q.storage
    for seq, job in q.bodies.items():
        payload = job.payload
        assert payload is not None
        bodies[seq] = rows.body_row(job, payload)
        if storage.used > storage.limit or job.state in TERMINAL:
            q.drop_payload(job)
