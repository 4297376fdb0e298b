"""Which function answers which command of a queue."""

from collections.abc import Callable
from typing import Any, Final

from engine import commands as c
from engine.access import Caller
from engine.queue_state import (
    adopting,
    explaining,
    forgetting,
    managing,
    peeking,
    publishing,
    reading,
    recurring,
    stating,
    taking,
    transfers,
    watching,
    working,
)
from engine.queue_state.core import QueueCore
from engine.replies import Reply, ReplyTo

Handler = Callable[[QueueCore, Any, Caller, ReplyTo, float], Reply | None]
"""Answers at once, or returns None and answers by a letter later."""

HANDLERS: Final[dict[type, Handler]] = {
    c.Publish: publishing.publish,
    c.PublishMany: publishing.publish_many,
    c.Adopt: adopting.adopt,
    c.SetAccess: adopting.set_access,
    c.Move: transfers.part,
    c.Subscribe: taking.subscribe,
    c.Unsubscribe: taking.unsubscribe,
    c.Reserve: taking.reserve,
    c.Started: working.started,
    c.Done: working.done,
    c.Fail: working.fail,
    c.Release: working.release,
    c.Touch: working.touch,
    c.Progress: working.progress,
    c.Log: working.log,
    c.Checkpoint: working.checkpoint,
    c.Report: working.report,
    c.KeepFor: forgetting.keep_for,
    c.Cancel: managing.cancel,
    c.Reset: managing.reset,
    c.Delete: managing.delete,
    c.Override: managing.override,
    c.WriteStatus: stating.write_status,
    c.Edit: managing.edit,
    c.Pause: managing.pause,
    c.Drain: managing.drain,
    c.Resume: managing.resume,
    c.Purge: managing.purge,
    c.KickAll: managing.kick_all,
    c.Kick: managing.kick,
    c.DeleteQueue: managing.delete_queue,
    c.RetryNow: managing.retry_now,
    c.SetRecurrence: recurring.set_recurrence,
    c.PauseRecurrence: recurring.pause,
    c.RunRecurrence: recurring.run_now,
    c.DropRecurrence: recurring.drop,
    c.Get: reading.get,
    c.Peek: peeking.peek,
    c.ListJobs: reading.list_jobs,
    c.Describe: reading.describe,
    c.Counts: reading.count,
    c.ListWorkers: reading.list_workers,
    c.ListRecurrences: reading.list_recurrences,
    c.Wait: watching.wait,
    c.Explain: explaining.explain,
    c.ExplainQueue: explaining.explain_queue,
}
