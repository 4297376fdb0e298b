"""What the RPC ports say to HTTP: the text page, a list of methods, refusals."""

from typing import Final

from engine.access import Caller
from engine.commands import Counts, ListJobs
from engine.job import JobState
from engine.mailbox import Call
from engine.replies import Jobs, QueueCounts, Reply
from frontends.dialects.qmanager_page import Counted, page
from frontends.rpc.handler import shown
from frontends.rpc.place import Place

LISTED: Final = 100
"""Results on the page."""
PLAIN: Final = "text/plain; charset=utf-8"
_REASONS: Final = {
    200: "OK", 401: "Unauthorized", 403: "Forbidden", 405: "Method Not Allowed",
    429: "Too Many Requests",
}  # fmt: skip


async def text_page(place: Place, who: Caller) -> str:
    """The page as it is now."""
    queue = place.settings.rpc.queue
    counted = await _ask(place, who, Counts(queue))
    listed = await _ask(
        place, who, ListJobs(queue, (JobState.DONE,), limit=LISTED, newest_first=True)
    )
    states = counted.states if isinstance(counted, QueueCounts) else (0,) * len(JobState)
    done = [shown(view) for view in listed.jobs] if isinstance(listed, Jobs) else []
    waiting = states[JobState.SCHEDULED] + states[JobState.READY]
    numbers = Counted(waiting, states[JobState.RESERVED], states[JobState.DONE])
    return page(numbers, done[::-1], place.now())


async def _ask(place: Place, who: Caller, command: object) -> Reply:
    call = Call()
    place.engine.submit(who, command, call)
    return await call.wait()


def response(status: int, text: str, kind: str = PLAIN, *, head_only: bool = False) -> bytes:
    """A whole answer, after which the connection ends."""
    body = text.encode("utf-8", "replace")
    challenge = 'WWW-Authenticate: Basic realm="jobyard"\r\n' if status == 401 else ""
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n{challenge}X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)
