"""jobatator's HTTP gateway as text: a body to commands, their answers to a body, and its CORS."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from frontends.dialects import go_json
from frontends.dialects.answers import Said, Unframed
from frontends.dialects.jobatator import code_of

Headers = tuple[tuple[bytes, bytes], ...]

TYPE: Final[Headers] = ((b"content-type", b"application/json"),)
_BODY: Final = b'{"success":%b,"data":%b,"errors":%b}'
_ERROR: Final = b'{"message":%b,"code":%b}'
_TEXTS: Final = frozenset({b"DEBUG"})
"""Commands whose answer has several lines and is no JSON."""
_REFERER: Final = re.compile(rb"https?://[A-Za-z0-9_.:]+")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class _Object(list[tuple[str, Any]]):
    """A JSON object with all its keys, in order: Go looks at each, and the last one counts."""


def commands(body: bytes) -> list[str] | None:
    """The commands of a request, read as Go reads them; None: it has none, or is no such body."""
    try:
        found = json.loads(
            body.decode("utf-8", "replace"),
            object_pairs_hook=_Object,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        return None
    lines: list[str] | None = None
    for key, value in found if isinstance(found, _Object) else ():
        if key.casefold() != "commands" or value is None:
            continue
        if type(value) is not list or not all(isinstance(one, str | None) for one in value):
            return None
        lines = [_SURROGATES.sub("\ufffd", one or "") for one in value]
    return lines or None


def _number(_: str) -> int:
    """Numbers mean nothing here: however long one is, it is not worked out."""
    return 0


def _refuse(text: str) -> None:
    raise ValueError(text)


def outcome(requests: Sequence[list[bytes]], answers: Sequence[Unframed]) -> tuple[bool, bytes]:
    """Whether all commands succeeded, and the body that tells it.

    Args:
        requests: each command's words.
        answers: what each was answered.
    """
    values: list[bytes] = []
    errors: list[bytes] = []
    for words, answer in zip(requests, answers, strict=True):
        if not isinstance(answer, Said):
            errors.append(_error(code_of(answer)))
        elif answer.bulk and words[0].upper() not in _TEXTS:
            values.append(answer.text)
        else:
            values.append(go_json.string(answer.text))
    return not errors, _body(values, errors)


def _body(values: Sequence[bytes], errors: Sequence[bytes]) -> bytes:
    return _BODY % (
        b"false" if errors else b"true",
        go_json.array(values) if values else b"null",
        go_json.array(errors),
    )


def _error(code: str, message: str = "") -> bytes:
    return _ERROR % (_string(message), _string(code))


def _string(text: str) -> bytes:
    return go_json.string(text.encode("utf-8", "replace"))


DONE: Final = _body((), ())
NOT_ALLOWED: Final = _body((), (_error("method-not-allowed", "Method not allowed"),))
INVALID: Final = _body((), (_error("invalid-body", "Invalid body"),))


def too_many(most: int) -> bytes:
    """The body when a request has more commands than it may."""
    return _body((), (_error("invalid-body", f"at most {most} commands in one request"),))


def reflected(referer: bytes) -> Headers:
    """CORS as the original has it: whoever sent the page may read the answer."""
    found = _REFERER.match(referer)
    return () if found is None else _allowing(found[0])


def allowed(origin: bytes, origins: Iterable[str]) -> Headers:
    """CORS for the origins that were configured; no other page may read the answer."""
    known = {one.encode() for one in origins}
    if not known:
        return ()
    vary = (b"vary", b"Origin")
    return (*_allowing(origin), vary) if origin in known else (vary,)


def _allowing(origin: bytes) -> Headers:
    return (
        (b"access-control-allow-headers", b"Content-Type, Referer"),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-origin", origin),
    )
