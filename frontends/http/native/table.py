"""The table of paths: every command of the engine's table, or the reason why it has none."""

from collections.abc import Mapping
from typing import Any, Final

from engine import commands as c
from frontends.http.native.acts import edit, publish, run, wait
from frontends.http.native.bulk import Bulk, BulkMove, bulk, bulk_move
from frontends.http.native.overview import (
    GroupCounts,
    OwnGroups,
    QueuesPage,
    Vitals,
    group_counts,
    own_groups,
    queues,
    vitals,
)
from frontends.http.native.path import Path

_QUEUE: Final = "/queues/{queue}"
_JOBS: Final = f"{_QUEUE}/jobs"
_JOB: Final = "/jobs/{job}"
_RECURRENCES: Final = f"{_QUEUE}/recurrences"
_RECURRENCE: Final = f"{_RECURRENCES}/{{number}}"
_CURSOR: Final[Mapping[str, str]] = {"cursor": "after"}


def _one(method: str, template: str, kind: type, **more: Any) -> Path:
    """A path that is one command."""
    return Path(method, template, kind, run, (kind,), **more)


def _many(verb: str, kind: type) -> Path:
    """A path that does what one command does to many jobs."""
    serves = (c.ListJobs, kind)
    return Path("POST", f"{_JOBS}/{verb}", Bulk, bulk(kind), serves, named=f"Bulk{kind.__name__}")


PATHS: Final[tuple[Path, ...]] = (
    Path("GET", "/queues", QueuesPage, queues, (c.DescribeAll,)),
    _one("GET", _QUEUE, c.Describe, hidden=frozenset({"jobs"}), conditional=True),
    _one("DELETE", _QUEUE, c.DeleteQueue),
    Path(
        "POST", _JOBS, c.Publish, publish, (c.Publish, c.PublishMany), 201,
        about="Add a job to a queue, or with `jobs` up to 1,000: all of them or none.",
    ),
    _one(
        "GET", _JOBS, c.ListJobs,
        renamed={"state": "states", **_CURSOR}, conditional=True,
    ),
    _many("cancel", c.Cancel),
    _many("reset", c.Reset),
    _many("delete", c.Delete),
    Path("POST", f"{_JOBS}/move", BulkMove, bulk_move, (c.ListJobs, c.Move)),
    _one("POST", f"{_JOBS}/adopt", c.Adopt, success=201),
    _one("GET", f"{_QUEUE}/next", c.Peek, renamed={"type": "types"}),
    _one("PATCH", f"{_QUEUE}/access", c.SetAccess),
    Path("POST", f"{_QUEUE}/reserve", c.Reserve, wait, (c.Reserve,)),
    _one("POST", f"{_QUEUE}/pause", c.Pause),
    _one("POST", f"{_QUEUE}/resume", c.Resume),
    _one("POST", f"{_QUEUE}/drain", c.Drain),
    _one("POST", f"{_QUEUE}/purge", c.Purge),
    _one("POST", f"{_QUEUE}/retry", c.RetryNow),
    _one("POST", f"{_QUEUE}/kick", c.Kick),
    _one("POST", f"{_QUEUE}/kick-all", c.KickAll),
    _one("GET", f"{_QUEUE}/workers", c.ListWorkers),
    _one("GET", f"{_QUEUE}/counts", c.Counts, conditional=True),
    _one("GET", f"{_QUEUE}/explain", c.ExplainQueue),
    _one("GET", _RECURRENCES, c.ListRecurrences, conditional=True),
    _one("POST", _RECURRENCES, c.SetRecurrence, hidden=frozenset({"once_now"})),
    _one("DELETE", _RECURRENCE, c.DropRecurrence),
    _one("POST", f"{_RECURRENCE}/pause", c.PauseRecurrence),
    _one("POST", f"{_RECURRENCE}/run", c.RunRecurrence, success=201),
    _one("DELETE", "/recurrences/{number}", c.DeleteRecurrence),
    _one("GET", "/recurrences/preview", c.PreviewCron, defaults={"n": 5, "zone": ""}),
    Path("POST", "/reserve", c.ReserveAny, wait, (c.ReserveAny,)),
    _one("GET", _JOB, c.Get, conditional=True),
    Path("PATCH", _JOB, c.Edit, edit, (c.Edit,), conditional=True),
    _one("DELETE", _JOB, c.Delete),
    Path("GET", f"{_JOB}/wait", c.Wait, wait, (c.Wait,)),
    _one("GET", f"{_JOB}/explain", c.Explain),
    _one("POST", f"{_JOB}/cancel", c.Cancel),
    _one("POST", f"{_JOB}/reset", c.Reset),
    _one("POST", f"{_JOB}/move", c.Move),
    _one("POST", f"{_JOB}/override", c.Override),
    _one("POST", f"{_JOB}/started", c.Started),
    _one("POST", f"{_JOB}/done", c.Done),
    _one("POST", f"{_JOB}/fail", c.Fail),
    _one("POST", f"{_JOB}/release", c.Release),
    _one("POST", f"{_JOB}/touch", c.Touch),
    _one("POST", f"{_JOB}/progress", c.Progress),
    _one("POST", f"{_JOB}/log", c.Log),
    _one("POST", f"{_JOB}/checkpoint", c.Checkpoint),
    _one("POST", f"{_JOB}/keep-for", c.KeepFor),
    Path("GET", "/counts", GroupCounts, group_counts, (c.DescribeAll,)),
    Path("GET", "/groups/own", OwnGroups, own_groups, ()),
    Path("GET", "/health", Vitals, vitals, (c.Health,)),
    _one("GET", "/users", c.ListUsers),
    _one("POST", "/users", c.AddUser),
    _one("PATCH", "/users/{name}", c.ChangeUser),
    _one("DELETE", "/users/{name}", c.DropUser),
    _one("GET", "/groups", c.ListGroups),
    _one("POST", "/groups", c.AddGroup),
    _one("DELETE", "/groups/{name}", c.DropGroup),
    _one("GET", "/tokens", c.ListTokens),
    _one("POST", "/tokens", c.AddToken, success=201),
    _one("DELETE", "/tokens/{name}", c.DropToken),
    _one("GET", "/audit", c.Audit, renamed=_CURSOR),
    _one("POST", "/backup", c.Backup, success=201),
)  # fmt: skip
"""Every path of the native API but the stream of events."""

EXCUSED: Final[Mapping[type, str]] = {
    c.Subscribe: "jobs are pushed over a connection that stays; over HTTP they are reserved",
    c.Unsubscribe: "the same",
    c.Report: "says without a reservation what `done` and `fail` say with one",
    c.WriteStatus: "says with a state what the paths of a job say each for itself",
    c.Dump: "shows every group's jobs; the line protocol has it in test mode",
    c.RetryAllNow: "reaches into every group; the line protocol has it where it is allowed",
}
"""Commands without a path, and why."""
