"""Calls as commands of the engine's table, each under its name in either case."""

from typing import Any, Final

import msgspec
from attrs import frozen

from engine.commands import TABLE, CommandRow, Dump, RetryAllNow, Route
from engine.commands.fields import Key
from engine.job import JobPolicy
from engine.replies import Code, Refused
from frontends.dialects.answers import Denied
from frontends.dialects.jsonrpc import Call
from frontends.dialects.native_json_binding import bind

METHODS: Final[dict[str, CommandRow]] = {
    name: row for row in TABLE.values() for name in (row.word, row.word.lower())
}


_PLAIN: Final = frozenset({str, bool, float, type(None)})
_TEST_MODE: Final = Denied("test-mode-disabled", "only with test_mode")
_NO_DISPATCH: Final = Denied("dispatch-disabled", "only with allow_dispatch or test_mode")


@frozen
class Bound:
    """A command, and the id under which its answer is remembered."""

    command: Any
    request_id: str | None = None


def closed(row: CommandRow, *, test_mode: bool, dispatch: bool) -> Denied | None:
    """Why a command that reaches into every group is not offered; None: it is.

    Args:
        row: the command's.
        test_mode: the setting.
        dispatch: whether failed jobs may be made ready everywhere.
    """
    if row.kind is Dump and not test_mode:
        return _TEST_MODE
    if row.kind is RetryAllNow and not (test_mode or dispatch):
        return _NO_DISPATCH
    return None


def bound(call: Call, row: CommandRow, policy: JobPolicy) -> Bound | Refused:
    """The command that a call asks for; `policy` is what jobs are treated by as a rule."""
    params = call.params
    request_id = None
    if row.route is not Route.SERVER and isinstance(params, dict) and "request_id" in params:
        try:
            request_id = msgspec.convert(params.pop("request_id"), Key)
        except msgspec.ValidationError as error:
            return Refused(Code.INVALID_VALUE, f"request_id: {error}")
    values = params if isinstance(params, dict | list) else {}
    listed = values.values() if isinstance(values, dict) else values
    # As texts, truths and floats the reader of calls takes only what is strict JSON.
    sound = _PLAIN.issuperset(map(type, listed))
    command = bind(row, values, policy, sound=sound)
    return command if isinstance(command, Refused) else Bound(command, request_id)
