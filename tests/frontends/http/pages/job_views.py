"""Jobs as the engine shows them, made by hand."""

from typing import Any

from engine.job import DEFAULT_POLICY, PLAIN_MORE, Details, JobMore, JobState
from engine.replies import JobView


def job_view(state: JobState = JobState.FAILED, **fields: Any) -> JobView:
    """A job of those fields; those of its details by their names."""
    said = {name: fields.pop(name) for name in ("error", "error_type") if name in fields}
    values: dict[str, Any] = {
        "id": "0190-1", "seq": 1, "group": "g", "queue": "q", "type": "t", "payload": b"p",
        "state": state, "priority": 0, "policy": DEFAULT_POLICY, "ready_at": 100.0,
        "created_at": 100.0, "updated_at": 100.0, "attempts": 0, "failures": 0,
        "started_at": None, "finished_at": None, "done_at": None, "history": (),
        "reservation": None, "holder": "", "started": False, "lease_until": None,
        "more": JobMore(reason=fields.pop("reason")) if "reason" in fields else PLAIN_MORE,
        "details": Details(**said) if said else None,
    }  # fmt: skip
    return JobView(**{**values, **fields})
