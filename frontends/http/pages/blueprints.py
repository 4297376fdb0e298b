"""Every page of the console: one module a subject, one line each."""

from collections.abc import Sequence
from typing import Final

from quart import Blueprint

from frontends.http.pages import (
    administration,
    assets,
    declaring,
    failures,
    job,
    job_edit,
    jobs,
    overview,
    publishing,
    queue,
    queue_acts,
    queues,
    recurrences,
    signing,
    users,
    workers,
)

BLUEPRINTS: Final[Sequence[Blueprint]] = (
    assets.blueprint,
    signing.blueprint,
    overview.blueprint,
    queues.blueprint,
    queue.blueprint,
    queue_acts.blueprint,
    jobs.blueprint,
    job.blueprint,
    job_edit.blueprint,
    failures.blueprint,
    workers.blueprint,
    recurrences.blueprint,
    declaring.blueprint,
    publishing.blueprint,
    users.blueprint,
    administration.blueprint,
)
