"""What the paths answer when all went well: a class of the engine's replies, or a shape of its own.

A command that is not here answers `Ok`, which is 204 without a body.
"""

from collections.abc import Mapping
from typing import Any, Final

from engine import account_replies as a
from engine import commands as c
from engine import replies as r
from engine.explanations import Explanation, QueueExplanation, Ticks
from frontends.http.native.bulk import Bulk, BulkMove
from frontends.http.native.overview import GroupCounts, OwnGroups, QueuesPage, Vitals
from frontends.http.native.schemas import BY_TYPE, Schema, array, item, reference

_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_NEXT: Final[Schema] = {"type": ["integer", "null"]}
_TEXT: Final[Schema] = {"type": "string"}

REPLIES: Final[Mapping[type, tuple[Any, ...]]] = {
    c.Publish: (r.Published, r.PublishedMany),
    c.Adopt: (r.Adopted,),
    c.Get: (r.OneJob,),
    c.Wait: (r.OneJob,),
    c.ListJobs: (r.Jobs,),
    c.Peek: (r.Jobs,),
    c.Describe: (r.QueueView,),
    c.Counts: (r.QueueCounts,),
    c.Explain: (Explanation,),
    c.ExplainQueue: (QueueExplanation,),
    c.ListWorkers: (r.Workers,),
    c.ListRecurrences: (r.Recurrences,),
    c.PreviewCron: (Ticks,),
    c.Reserve: (r.Granted,),
    c.ReserveAny: (r.Granted,),
    c.SetRecurrence: (r.RecurrenceSet,),
    c.RunRecurrence: (r.Published,),
    Vitals: (r.HealthCounts,),
    c.ListUsers: (a.Users,),
    c.ListGroups: (a.Groups,),
    c.ListTokens: (a.Tokens,),
    c.AddToken: (a.TokenMade,),
    c.Audit: (a.AuditEntries,),
    c.Backup: (a.BackedUp,),
}
"""By the class of the path."""
_DONE: Final = item(
    dry_run={"type": "boolean"},
    found=_COUNT,
    changed=_COUNT,
    refused={"type": "object", "additionalProperties": _COUNT},
    next=_NEXT,
)
SHAPES: Final[Mapping[type, Schema]] = {
    Bulk: _DONE,
    BulkMove: _DONE,
    QueuesPage: item(
        queues=array(
            item(
                number=_COUNT,
                name=_TEXT,
                id=_TEXT,
                counts=reference("QueueCounts"),
                workers=_COUNT,
                recurrences=_COUNT,
            )
        ),
        next=_NEXT,
    ),
    GroupCounts: item(
        queues=_COUNT,
        states=reference("CountsByState"),
        types=BY_TYPE,
        published=_COUNT,
        finished=_COUNT,
    ),
    OwnGroups: item(groups=array(item(name=_TEXT, rights=array(_TEXT)))),
}
"""Answers that are put together here."""
