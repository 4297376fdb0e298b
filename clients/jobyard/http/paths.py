"""Each word of the engine's table as a path of the HTTP API, or the reason why it has none."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

PREFIX: Final = "/api/v2"
_QUEUE: Final = "/queues/{queue}"
_JOBS: Final = f"{_QUEUE}/jobs"
_JOB: Final = "/jobs/{job}"
_RECURRENCES: Final = f"{_QUEUE}/recurrences"
_RECURRENCE: Final = f"{_RECURRENCES}/{{number}}"
_IN_QUERY: Final = frozenset({"GET", "DELETE"})


@frozen
class Path:
    """Where a command is asked for."""

    method: str
    template: str
    """Behind the prefix; `{name}` is a field."""
    renamed: Mapping[str, str] = field(factory=dict[str, str])
    """Field -> its name in the request, where they differ."""
    unsaid: Mapping[str, bytes] = field(factory=dict[str, bytes])
    """Fields that HTTP has not, and the only value of each that goes without saying."""

    @property
    def in_query(self) -> bool:
        """Whether its other fields stand behind the question mark; else they are the body."""
        return self.method in _IN_QUERY


PATHS: Final[Mapping[str, Path]] = {
    "ENQUEUE": Path("POST", _JOBS),
    "ENQUEUE_MANY": Path("POST", _JOBS),
    "ADOPT": Path("POST", f"{_JOBS}/adopt"),
    "LIST": Path("GET", _JOBS, {"states": "state", "after": "cursor"}),
    "PEEK": Path("GET", f"{_QUEUE}/next", {"types": "type"}),
    "RESERVE": Path("POST", f"{_QUEUE}/reserve"),
    "RESERVE_ANY": Path("POST", "/reserve"),
    "DESCRIBE": Path("GET", _QUEUE, unsaid={"jobs": b"0"}),
    "DELETE_QUEUE_WHOLE": Path("DELETE", _QUEUE),
    "SET_ACCESS": Path("PATCH", f"{_QUEUE}/access"),
    "PAUSE": Path("POST", f"{_QUEUE}/pause"),
    "RESUME": Path("POST", f"{_QUEUE}/resume"),
    "DRAIN": Path("POST", f"{_QUEUE}/drain"),
    "PURGE": Path("POST", f"{_QUEUE}/purge"),
    "RETRY_FAILED_NOW": Path("POST", f"{_QUEUE}/retry"),
    "KICK": Path("POST", f"{_QUEUE}/kick"),
    "KICK_ALL": Path("POST", f"{_QUEUE}/kick-all"),
    "WORKERS": Path("GET", f"{_QUEUE}/workers"),
    "COUNTS": Path("GET", f"{_QUEUE}/counts"),
    "EXPLAIN_QUEUE": Path("GET", f"{_QUEUE}/explain"),
    "RECURRENCES": Path("GET", _RECURRENCES),
    "SET_RECURRENCE": Path("POST", _RECURRENCES, unsaid={"once_now": b"false"}),
    "DROP_RECURRENCE": Path("DELETE", _RECURRENCE),
    "PAUSE_RECURRENCE": Path("POST", f"{_RECURRENCE}/pause"),
    "RUN_RECURRENCE": Path("POST", f"{_RECURRENCE}/run"),
    "DELETE_RECURRENCE": Path("DELETE", "/recurrences/{number}"),
    "PREVIEW_CRON": Path("GET", "/recurrences/preview"),
    "GET": Path("GET", _JOB),
    "EDIT": Path("PATCH", _JOB),
    "DELETE": Path("DELETE", _JOB),
    "WAIT": Path("GET", f"{_JOB}/wait"),
    "EXPLAIN": Path("GET", f"{_JOB}/explain"),
    "CANCEL": Path("POST", f"{_JOB}/cancel"),
    "RESET": Path("POST", f"{_JOB}/reset"),
    "MOVE": Path("POST", f"{_JOB}/move"),
    "OVERRIDE": Path("POST", f"{_JOB}/override"),
    "STARTED": Path("POST", f"{_JOB}/started"),
    "DONE": Path("POST", f"{_JOB}/done"),
    "FAIL": Path("POST", f"{_JOB}/fail"),
    "RELEASE": Path("POST", f"{_JOB}/release"),
    "TOUCH": Path("POST", f"{_JOB}/touch"),
    "PROGRESS": Path("POST", f"{_JOB}/progress"),
    "LOG": Path("POST", f"{_JOB}/log"),
    "CHECKPOINT": Path("POST", f"{_JOB}/checkpoint"),
    "KEEP_FOR": Path("POST", f"{_JOB}/keep-for"),
    "HEALTH_COUNTS": Path("GET", "/health"),
    "USERS": Path("GET", "/users"),
    "ADD_USER": Path("POST", "/users"),
    "CHANGE_USER": Path("PATCH", "/users/{name}"),
    "DROP_USER": Path("DELETE", "/users/{name}"),
    "GROUPS": Path("GET", "/groups"),
    "ADD_GROUP": Path("POST", "/groups"),
    "DROP_GROUP": Path("DELETE", "/groups/{name}"),
    "TOKENS": Path("GET", "/tokens"),
    "ADD_TOKEN": Path("POST", "/tokens"),
    "DROP_TOKEN": Path("DELETE", "/tokens/{name}"),
    "AUDIT": Path("GET", "/audit", {"after": "cursor"}),
    "BACKUP": Path("POST", "/backup"),
}
"""By the native word."""

NO_PATH: Final[Mapping[str, str]] = {
    "SUBSCRIBE_PUSH": "jobs are pushed over a connection that stays: reserve them with a wait",
    "UNSUBSCRIBE_PUSH": "nothing is pushed over HTTP",
    "REPORT": "it speaks of the job that a connection holds: say `done` or `fail`",
    "WRITE_STATUS": "say `started`, `done` or `fail`",
    "DESCRIBE_ALL": "queues are shown one by one: describe each",
    "DUMP": "it is for tests of the line protocol",
    "RETRY_ALL_NOW": "it is for tests of the line protocol",
}
"""Words that only the line protocol has."""
