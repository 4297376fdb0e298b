"""qmanager's methods through JSON-RPC: one argument each, as Go's codec sends it."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from engine.access import Caller
from frontends.dialects.answers import Denied
from frontends.dialects.gob import GobError
from frontends.dialects.jsonrpc import Call, refusal, success
from frontends.dialects.qmanager import PREFIX, Kept, Task
from frontends.dialects.qmanager_json import kept_json, task
from frontends.rpc.handler import Handler, Identity, Outcome, Then, Wrong
from frontends.rpc.place import Place

_NOTHING: Final = b"{}"
"""Nil for Go's codec: its client takes a null for a broken answer, and hangs up."""


class _Misfit(Exception):
    """The argument is not what the method takes."""


class GoCalls:
    """The methods, for one caller."""

    def __init__(self, place: Place, who: Caller) -> None:
        self._handler = Handler(place.engine, who, place.settings.rpc, place.policy)

    def call(self, call: Call, then: Callable[[bytes], None]) -> None:
        """Begin a call; `then` gets its whole answer."""

        def answered(outcome: Outcome) -> None:
            then(_answer(call, outcome))

        params = call.params
        argument = params[0] if isinstance(params, list) and params else None
        try:
            self._begin(call.method.removeprefix(PREFIX), argument, answered)
        except (_Misfit, GobError, UnicodeEncodeError) as error:
            answered(Wrong(f"json: {error}"))

    def _begin(self, method: str, argument: Any, then: Then) -> None:
        handler = self._handler
        match method:
            case "AddTask":
                fields = _task(argument)
                handler.add(_text(fields.get("type")), _held(fields.get("input")), then)
            case "FinishTask":
                fields = _task(argument)
                handler.finish(_text(fields.get("id")), _held(fields.get("output")), then)
            case "GetTask":
                handler.get(_text(argument), then)
            case "RetryTask":
                handler.retry(_text(argument), then)
            case "TakeTaskByType":
                handler.take(_texts(argument), then)
            case "TakeTask":
                handler.take(None, then)
            case _:
                then(Wrong(f"rpc: can't find method {PREFIX}{method}", "unknown-command"))


def _answer(call: Call, outcome: Outcome) -> bytes:
    match outcome:
        case Wrong(text, code):
            return refusal(call, Denied(code, text)) if call.jsonrpc else _old_failure(call, text)
        case Identity(job):
            return success(call, msgspec.json.encode(job))
        case Task():
            return success(call, msgspec.json.encode(task(outcome)))
        case None:
            return success(call, b"null" if call.jsonrpc else _NOTHING)


def _old_failure(call: Call, text: str) -> bytes:
    said = msgspec.json.encode(text.encode("utf-8", "replace").decode())
    return b'{"id":%b,"result":null,"error":%b}' % (bytes(call.id) or b"null", said)


# Go reads a null as what is zero, and the name of a field in any letter case.


def _task(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Misfit("cannot unmarshal into Go value of type structures.Task")
    return {name.casefold(): held for name, held in value.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Misfit("cannot unmarshal into Go value of type string")
    return value


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Misfit("cannot unmarshal into Go value of type []string")
    return [_text(one) for one in value]


def _held(value: Any) -> Kept | None:
    return None if value is None else kept_json(value)
