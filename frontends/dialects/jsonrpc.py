"""JSON-RPC 2.0, and the 1.0 of Go's codec, as calls and answers.

Whatever a value holds, it is a call, a batch, or an answer that says why it is none.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from attrs import frozen
from msgspec import Raw, Struct

from engine.replies import Code, Refused
from frontends.dialects.answers import Denied
from frontends.dialects.go_json import string

BATCH_MAX: Final = 1000
"""Calls in one batch."""
_ID_MAX: Final = 256
"""Bytes of an id."""
_NULL: Final = b"null"
_ID_BEGINS: Final = frozenset(b'"-0123456789')


class Call(Struct):
    """One call. An absent id makes it a notification, which is never answered."""

    method: str
    params: dict[str, Any] | list[Any] | None = None
    id: Raw = Raw(b"")
    jsonrpc: str = ""

    @property
    def is_notification(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self.id and self.jsonrpc == "2.0"


class _Any(Struct):
    id: Raw = Raw(b"")


@frozen
class Mistake:
    """No call; `answer` is what is said instead."""

    answer: bytes


Asked = Call | Mistake | list[Call | Mistake]

_calls: Final = msgspec.json.Decoder(Call)
_batches: Final = msgspec.json.Decoder(list[Raw])
_anything: Final = msgspec.json.Decoder(_Any)
_values: Final = msgspec.json.Decoder()
_BAD: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What reading hostile JSON may raise."""


def read(raw: bytes) -> Asked | None:
    """What one value asks for; None: it is no JSON."""
    if raw[:1] == b"[":
        return _batch(raw)
    try:
        return _checked(_calls.decode(raw))
    except _BAD:
        return _mistaken(raw)


def _checked(call: Call) -> Call | Mistake:
    if _is_id(call.id) and call.jsonrpc in {"2.0", ""}:
        return call
    return Mistake(failure(_NULL, -32600, "no JSON-RPC: its id or its version is none"))


def _is_id(raw: Raw) -> bool:
    raw_bytes = bytes(raw)
    if not raw_bytes or raw_bytes == _NULL:
        return True
    if len(raw_bytes) > _ID_MAX or raw_bytes[0] not in _ID_BEGINS:
        return False
    try:
        _values.decode(raw_bytes)
    except _BAD:
        return False
    return True


def _batch(raw: bytes) -> Asked | None:
    try:
        parts = _batches.decode(raw)
        _values.decode(raw)
    except _BAD:
        return None
    if not 0 < len(parts) <= BATCH_MAX:
        return Mistake(failure(_NULL, -32600, f"a batch has 1 to {BATCH_MAX} calls"))
    return [_one(bytes(part)) for part in parts]


def _one(raw: bytes) -> Call | Mistake:
    if raw[:1] != b"{":
        return Mistake(failure(_NULL, -32600, "a call is an object"))
    found = read(raw)
    assert isinstance(found, Call | Mistake)
    return found


def _mistaken(raw: bytes) -> Mistake | None:
    """JSON that is no call is answered with its id, if that can be read."""
    try:
        _values.decode(raw)
        found = _anything.decode(raw).id
    except _BAD:
        return None
    said = bytes(found) if found and _is_id(found) else _NULL
    return Mistake(failure(said, -32600, "no call: it has a text `method`, and `params`"))


UNREADABLE: Final = (
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no JSON",'
    b'"data":{"code":"invalid-value"}}}'
)


def success(call: Call, result: bytes) -> bytes:
    """The answer to a call that went well; `result` is JSON."""
    if call.jsonrpc:
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (bytes(call.id) or _NULL, result)
    return b'{"id":%b,"result":%b,"error":null}' % (bytes(call.id) or _NULL, result)


def failure(
    said_id: bytes, number: int, sentence: str, code: str = Code.INVALID_VALUE.value
) -> bytes:
    """The answer to what went wrong: JSON-RPC's number, and our own code beside it."""
    return (b'{"jsonrpc":"2.0","id":%b,"error":{"code":%d,"message":%b,"data":{"code":%b}}}') % (
        said_id,
        number,
        _text(sentence),
        _text(code),
    )


def refusal(call: Call, why: Refused | Denied) -> bytes:
    """The answer to a call that was refused."""
    code = why.code if isinstance(why, Denied) else why.code.value
    said_id = bytes(call.id) or _NULL
    if not call.jsonrpc:
        return b'{"id":%b,"result":null,"error":%b}' % (said_id, _text(f"{code}: {why.sentence}"))
    number = {"invalid-value": -32602, "invalid-name": -32602, "unknown-command": -32601}.get(code)
    return failure(said_id, number or -32000, why.sentence, code)


def batch(answers: Sequence[bytes]) -> bytes:
    """The answer to a batch."""
    return b"[%b]" % b",".join(answers)


def notification(method: str, params: bytes) -> bytes:
    """What nobody asked for."""
    return b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (_text(method), params)


def _text(text: str) -> bytes:
    return string(text.encode("utf-8", "replace"))
