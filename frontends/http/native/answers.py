"""The engine's replies as responses."""

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

import msgspec

from engine.commands import Release
from engine.mailbox import Nobody
from engine.replies import Granted, Ok, Published, Refused, Reply
from frontends.dialects.native_json import render
from frontends.http.exchange import Headers, Response
from frontends.http.native.path import PREFIX, Ask
from frontends.http.problems import NO_STORE, refused

JSON: Final[Headers] = ((b"content-type", b"application/json"), NO_STORE)
_ETAG_BYTES: Final = 12


def answer(ask: Ask, reply: Reply) -> Response:
    """A reply with the status of its path; `Ok` says nothing more."""
    if isinstance(reply, Refused):
        return refused(reply)
    if isinstance(reply, Ok):
        return Response(204, b"", (NO_STORE,))
    if isinstance(reply, Published):
        status = 200 if reply.existing else 201
        return Response(status, render(reply), (*JSON, (b"location", location(reply.job))))
    body = render(reply)
    if not ask.path.conditional:
        return Response(ask.path.success, body, JSON, _undo(ask, reply))
    tag = etag(body)
    headers = (*JSON, (b"etag", tag))
    if _names(ask.request.headers.get(b"if-none-match"), tag):
        return Response(304, b"", headers[1:])
    return Response(ask.path.success, body, headers)


def _undo(ask: Ask, reply: Reply) -> Callable[[], None] | None:
    """How jobs are given back that nobody hears of.

    Whoever named an id for the request asks again under it, and is told the same jobs then.
    """
    if not isinstance(reply, Granted) or ask.request_id is not None:
        return None
    return partial(_give_back, ask, reply)


def _give_back(ask: Ask, granted: Granted) -> None:
    for job in granted.jobs:
        ask.site.engine.submit(ask.who, Release(job.id, job.reservation), Nobody())


def shown(value: object, status: int = 200) -> Response:
    """What is no reply of the engine, made of what JSON is made of."""
    return Response(status, msgspec.json.encode(value), JSON)


def location(job: str) -> bytes:
    """Where a job is found."""
    return f"{PREFIX}/jobs/{quote(job, safe='')}".encode()


def etag(body: bytes) -> bytes:
    """What tells one state of a thing from another: the answer's own digest."""
    return b'"%b"' % blake2b(body, digest_size=_ETAG_BYTES).hexdigest().encode()


def matches(said: bytes, tag: bytes) -> bool:
    """Whether `If-Match` allows a change of what has this tag; weak tags never do."""
    return said.strip() == b"*" or tag in [one.strip() for one in said.split(b",")]


def _names(said: bytes | None, tag: bytes) -> bool:
    """The weak comparison of `If-None-Match`."""
    if said is None:
        return False
    return matches(b",".join(one.strip().removeprefix(b"W/") for one in said.split(b",")), tag)
