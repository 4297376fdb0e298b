"""Faults round requests, schedules, whole queues and the doors, planted in a whole server."""

from typing import Any

import pytest
import trio

from engine.commands import Done
from engine.committer import Committer
from engine.directory import Directory
from engine.job import Job
from engine.queue_state import due, managing, moves, publishing, watching
from engine.queue_state.core import QueueCore
from engine.queue_state.queue_rows import recurrence_from
from engine.queue_state.recurrences import Recurrence
from engine.queue_state.recurring import fire
from engine.queue_state.view import view
from engine.replies import OneJob
from frontends.dialects.jsonrpc import success
from frontends.dialects.jsonrpc_commands import bound
from frontends.http.exchange import Response
from frontends.http.native import acts, saying
from frontends.rpc.json_talk import JsonTalk
from tests.planted.planting import everywhere

Patch = pytest.MonkeyPatch
BETWEEN = 0.2
"""Seconds between the halves of what has to be whole."""


def request_forgotten_over_a_kill(patch: Patch) -> None:
    def forgets(self: Directory, row: Any) -> None:
        """What was answered before the start may be done again."""

    patch.setattr(Directory, "remember", forgets)


def request_id_unheard_over_http(patch: Patch) -> None:
    patch.setattr(saying, "request_id", lambda *_: None)


def request_id_unheard_over_rpc(patch: Patch) -> None:
    def drops(call: Any, row: Any, policy: Any) -> Any:
        if isinstance(call.params, dict):
            call.params.pop("request_id", None)
        return bound(call, row, policy)

    patch.setattr("frontends.rpc.json_talk.bound", drops)


def bulk_half_applied(patch: Patch) -> None:
    commit = Committer._commit

    async def halves(self: Committer, changes: Any) -> bool:
        for which in (0, 1):
            await commit(
                self,
                {
                    table: {
                        key: row for at, (key, row) in enumerate(rows.items()) if at % 2 == which
                    }
                    for table, rows in changes.items()
                },
            )
            await trio.sleep(BETWEEN)
        return True

    patch.setattr(Committer, "_commit", halves)


def tick_handed_out_again(patch: Patch) -> None:
    def one_back(row: Any) -> Any:
        number, spec, last = recurrence_from(row)
        return number, spec, last and last - 1.0

    patch.setattr("engine.queue_state.state.recurrence_from", one_back)


def tick_early(patch: Patch) -> None:
    def hasty(q: QueueCore, found: Recurrence, now: float) -> None:
        q.wall_shift += 1.0
        fire(q, found, now)
        q.wall_shift -= 1.0

    patch.setattr(due, "fire", hasty)


def purge_leaves_a_counter(patch: Patch) -> None:
    def drift(q: QueueCore, job: Job, now: float) -> None:
        q.counts[job.state] += 1
        moves.remove(q, job, now)

    patch.setattr(managing, "remove", drift)


def purge_not_written(patch: Patch) -> None:
    def forgets(q: QueueCore, job: Job, now: float) -> None:
        moves.remove(q, job, now)
        q.removed.pop(job.seq)

    patch.setattr(managing, "remove", forgets)


def recurrence_outlives_its_end(patch: Patch) -> None:
    drop = QueueCore.drop_recurrence

    def forgets(self: QueueCore, number: int) -> None:
        before = dict(self.other)
        drop(self, number)
        self.other.clear()
        self.other.update(before)

    patch.setattr(QueueCore, "drop_recurrence", forgets)


def drain_ignored(patch: Patch) -> None:
    check = publishing._check

    def takes(q: QueueCore, c: Any) -> Any:
        draining, q.draining = q.draining, False
        try:
            return check(q, c)
        finally:
            q.draining = draining

    patch.setattr(publishing, "_check", takes)


def wait_answered_before_durable(patch: Patch) -> None:
    def hasty(q: QueueCore, job: Job) -> None:
        for watcher in q.watchers.of_job(job.id):
            watching._leave(q, watcher)
            watcher.to.send(OneJob(view(q, job)))

    everywhere(patch, watching.tell, hasty)


def http_answers_before_commit(patch: Patch) -> None:
    execute = acts._execute

    async def hasty(ask: Any, command: Any) -> Response:
        if isinstance(command, Done):
            with trio.CancelScope() as scope:
                scope.cancel()
                await execute(ask, command)
            return Response(204)
        return await execute(ask, command)

    patch.setattr(acts, "_execute", hasty)


def rpc_answers_before_commit(patch: Patch) -> None:
    command = JsonTalk._command

    def hasty(self: JsonTalk, call: Any, row: Any, who: Any, then: Any) -> None:
        if row.kind is Done:
            then(success(call, b'{"ok":true}'))
            command(self, call, row, who, lambda _: None)
        else:
            command(self, call, row, who, then)

    patch.setattr(JsonTalk, "_command", hasty)
