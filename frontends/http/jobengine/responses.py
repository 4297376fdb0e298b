"""Answers that both versions of JobEngine have in common."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_plus

from engine.access import Caller
from engine.commands import Release
from engine.mailbox import Nobody
from engine.replies import Code, JobView, Refused
from frontends.dialects import go_json
from frontends.http.exchange import Headers, Response
from frontends.http.problems import STATUS
from frontends.http.site import Engine

EMPTY: Final = Response(200)
CREATED: Final = Response(201)
NOTHING: Final = Response(204)
BAD_REQUEST: Final = Response(400)
UNAUTHORIZED: Final = Response(401)
FORBIDDEN: Final = Response(403)
NOT_FOUND: Final = Response(404)
NOT_ALLOWED: Final = Response(405)
CONFLICT: Final = Response(409)

_JSON: Final = (b"content-type", b"application/json")
_dropped: Final = re.compile(rb";|%(?![0-9A-Fa-f]{2})").search
"""What of a query Go leaves out."""
_EXPECTED: Final = {
    Code.UNKNOWN_QUEUE: NOT_FOUND,
    Code.UNKNOWN_JOB: NOT_FOUND,
    Code.INVALID_NAME: BAD_REQUEST,
    Code.ALREADY_EXISTS: CONFLICT,
}
"""What the originals answer without a word."""


def refused(refusal: Refused) -> Response:
    """A refusal of the engine; those the originals do not know say their code."""
    expected = _EXPECTED.get(refusal.code)
    if expected is not None:
        return expected
    return told(STATUS[refusal.code], f"{refusal.code}: {refusal.sentence}")


def told(status: int, sentence: str) -> Response:
    """An error with a sentence, as v1 documents it."""
    text = go_json.string(sentence.encode("utf-8", "replace"))
    return Response(status, b'{"error":%b}' % text, (_JSON,))


def handed_out(
    engine: Engine, who: Caller, job: JobView, body: bytes, headers: Headers
) -> Response:
    """A job that was taken; it goes back when nobody hears so."""
    return Response(200, body, headers, _give_back(engine, who, job))


def _give_back(engine: Engine, who: Caller, job: JobView) -> Callable[[], None]:
    def undo() -> None:
        engine.submit(who, Release(job.id, job.reservation), Nobody())

    return undo


def argument(query: bytes, name: str) -> str:
    """The first value of a name in a query, as Go reads it; empty when there is none."""
    for pair in query.split(b"&"):
        key, _, value = pair.partition(b"=")
        if not _dropped(pair) and _text(key) == name:
            return _text(value)
    return ""


def _text(raw: bytes) -> str:
    return unquote_plus(raw.decode("latin-1"), "utf-8", "replace")
