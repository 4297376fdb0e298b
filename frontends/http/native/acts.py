"""What the paths do: one command each as a rule, and the few that do more."""

from typing import Any

from attrs import evolve

from engine import commands as c
from engine.job import JobState
from engine.replies import Code, OneJob, Refused
from frontends.dialects.native_json import render
from frontends.dialects.native_json_binding import bind_kind
from frontends.http.exchange import Response
from frontends.http.native.answers import answer, etag, matches
from frontends.http.native.path import Ask
from frontends.http.problems import problem, refused


def bound(ask: Ask, kind: type) -> Any | Refused:
    """A command, or any class that says what is asked, of the request's fields."""
    made = bind_kind(kind, ask.values, ask.policy)
    if isinstance(made, Refused):
        return _as_named(ask, made)
    return made


async def run(ask: Ask) -> Response:
    """The command of the path."""
    return await _execute(ask, bound(ask, ask.path.kind))


async def publish(ask: Ask) -> Response:
    """One job, or with `jobs` many of them: all or none."""
    return await _execute(ask, bound(ask, c.PublishMany if "jobs" in ask.values else c.Publish))


async def wait(ask: Ask) -> Response:
    """A command that may wait, as long as one request may."""
    made = bound(ask, ask.path.kind)
    most = ask.site.settings.http.wait
    if isinstance(made, Refused):
        return refused(made)
    if "wait" not in ask.values:
        made = evolve(made, wait=min(made.wait, most))
    elif made.wait > most:
        made = Refused(Code.INVALID_VALUE, f"wait: is {most:g} seconds at most over HTTP")
    return await _execute(ask, made)


async def edit(ask: Ask) -> Response:
    """Change a waiting job; with `If-Match` only one that is as it was seen."""
    made = bound(ask, c.Edit)
    said = ask.request.headers.get(b"if-match")
    if isinstance(made, Refused) or said is None:
        return await _execute(ask, made)
    seen = await ask.site.engine.execute(ask.who, c.Get(made.job))
    if not isinstance(seen, OneJob):
        return answer(ask, seen)
    changed = problem("changed", "the job is not as it was when it was read")
    if not matches(said, etag(render(seen))):
        return changed
    waits = seen.job.state <= JobState.READY
    made = evolve(made, updated_at=seen.job.updated_at)
    reply = await ask.site.engine.execute(ask.who, made, ask.request_id)
    late = waits and isinstance(reply, Refused) and reply.code is Code.WRONG_STATE
    return changed if late else answer(ask, reply)


async def _execute(ask: Ask, command: object) -> Response:
    if isinstance(command, Refused):
        return refused(command)
    engine = ask.site.engine
    return answer(ask, await engine.execute(ask.who, command, ask.request_id))


def _as_named(ask: Ask, refusal: Refused) -> Refused:
    """The same sentence, about the field by the name it has in the request."""
    for name, field in ask.path.renamed.items():
        if refusal.detail.startswith(f"{field}: "):
            return Refused(refusal.code, name + refusal.detail.removeprefix(field))
    return refusal
