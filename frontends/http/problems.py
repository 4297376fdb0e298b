"""Refusals over HTTP: each stable code's status, and problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Final

import msgspec

from engine.replies import SENTENCES, Code, Refused
from frontends.http.exchange import Headers, Response

URN: Final = "urn:jobyard:error:"
PROBLEM: Final = (b"content-type", b"application/problem+json")
NO_STORE: Final = (b"cache-control", b"no-store")
SOON: Final = 1
"""Seconds after which it makes sense to try again."""
LATER: Final = 30
"""The same of a full disk, which somebody has to look at."""

STATUS: Final[dict[str, int]] = {
    "unknown-queue": 404,
    "unknown-job": 404,
    "unknown-recurrent-job": 404,
    "unknown-worker": 404,
    "unknown-user": 404,
    "unknown-group": 404,
    "unknown-token": 404,
    "unknown-path": 404,
    "unknown-state": 400,
    "already-exists": 409,
    "in-settings": 409,
    "group-in-use": 409,
    "too-many-accounts": 507,
    "backup-failed": 409,
    "reservation-lost": 409,
    "wrong-state": 409,
    "changed": 412,
    "invalid-name": 400,
    "invalid-cron": 400,
    "invalid-value": 400,
    "payload-too-large": 413,
    "too-many-jobs": 400,
    "too-many-queues": 507,
    "storage-full": 507,
    "queue-failed": 503,
    "forbidden": 403,
    "draining": 409,
    "stopping": 503,
    "internal": 500,
    "not-logged": 401,
    "invalid-creds": 401,
    "try-later": 429,
    "plaintext-refused": 403,
    "cross-site": 403,
    "group-non-selected": 400,
    "wrong-method": 405,
    "wrong-content-type": 415,
}
"""Every code that an answer over HTTP can have."""
_RETRY_AFTER: Final = {429: SOON, 503: SOON, 507: LATER}


def problem(code: str, sentence: str, *headers: tuple[bytes, bytes], title: str = "") -> Response:
    """A refusal by its code.

    Args:
        code: one of `STATUS`.
        sentence: what a person can act on.
        headers: beside the usual ones.
        title: what the code means in every case; empty: the status's own phrase.
    """
    status = STATUS[code]
    body = {
        "type": f"{URN}{code}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": sentence.encode("utf-8", "replace").decode(),
    }
    return Response(status, msgspec.json.encode(body), _headers(status, headers))


def refused(refusal: Refused) -> Response:
    """A refusal of the engine."""
    return problem(
        refusal.code.value, refusal.sentence, title=SENTENCES.get(Code(refusal.code), "")
    )


def _headers(status: int, more: Headers) -> Headers:
    headers = (PROBLEM, NO_STORE, *more)
    after = _RETRY_AFTER.get(status)
    if after is None or any(name == b"retry-after" for name, _ in more):
        return headers
    return (*headers, (b"retry-after", b"%d" % after))
