"""Any path of the table, asked with what it needs."""

from typing import Any, Final

from engine import commands as c
from frontends.http.native.bulk import Bulk, BulkMove
from frontends.http.native.path import Path
from tests.frontends.http.native.calling import Heard, Yard

_KEPT: Final = {"id": "x", "type": "", "state": "ready", "created_at": 1, "updated_at": 1}
_BODIES: Final[dict[type, dict[str, Any]]] = {
    Bulk: {"filter": {}},
    BulkMove: {"filter": {}, "to": "r"},
    c.Adopt: {"jobs": [_KEPT]},
    c.SetRecurrence: {"type": "s", "cron": "@hourly"},
    c.ReserveAny: {"queues": ["q"]},
    c.Progress: {"progress": 0.5},
    c.Override: {"state": "done"},
    c.Move: {"queue": "r"},
    c.Kick: {"address": "h:1"},
    c.Log: {"line": "l"},
    c.Checkpoint: {"data": "d"},
    c.KeepFor: {"seconds": 5},
    c.AddUser: {"name": "new", "password": "word"},
    c.AddGroup: {"name": "new"},
    c.AddToken: {"name": "new", "group": "yard"},
    c.Backup: {"name": "copy"},
}
_QUERIES: Final = {c.PreviewCron: "&text=@hourly", c.Wait: "&wait=0"}


async def ask(yard: Yard, path: Path, user: str | None, group: str, names: dict[str, Any]) -> Heard:
    """Ask a path about what has these names, in a group where it takes one."""
    target = path.template.format(**{"address": "h:1", "name": "none", **names})
    if path.in_group:
        target += f"?group={group}{_QUERIES.get(path.kind, '')}"
    return await yard.call(path.method, target, _BODIES.get(path.kind), user=user)


async def populate(yard: Yard) -> dict[str, Any]:
    """A queue of group `yard` with a job and a schedule; their names."""
    job = await yard.publish()
    said = {"type": "t", "cron": "@daily"}
    number = (await yard.call("POST", "/queues/q/recurrences", said)).json["number"]
    return {"queue": "q", "job": job, "number": number}
