"""JSON as commands: each row of the engine's table, bound by its class's own fields.

An object names the fields; an array has their values in order. Bytes are text under their own
name, or base64 under `<name>_base64`. A publisher's options stand among a job's own fields.

Rule 1: bounds come from the fields' annotations; they are stated nowhere else.
Rule 2: whatever the values are, the answer is a command inside its bounds, or a refusal.
"""

import json
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any, Final, get_args, get_type_hints

import msgspec
from attrs import NOTHING, Attribute, fields, frozen

from engine.commands import Adopt, CommandRow, Publish, PublishMany
from engine.commands.fields import Name, TypeName, is_name
from engine.job import JobPolicy, JobState
from engine.replies import Code, Refused
from frontends.dialects.native_adopting import kept_of
from frontends.dialects.native_json import STATE_NAMES
from frontends.dialects.native_options import new_job, new_jobs
from frontends.dialects.native_values import Unfit, json_of

Read = Callable[[Any], Any]
Values = Mapping[str, Any]

BASE64: Final = "_base64"
_SHOWN: Final = 40
"""Characters of an unknown name that a refusal repeats."""
_WHOLE_MAX: Final = 2**64
_STATES: Final = dict(zip(STATE_NAMES, JobState, strict=True))
_BULKS: Final = (PublishMany, Adopt)
_NOT_A_NAME: Final = "a name has 1 to 200 characters and no control characters"


@frozen
class Field:
    """One field of a command."""

    name: str
    hint: Any
    required: bool
    binary: bool
    """It is bytes, and so has two names."""


def bind(
    row: CommandRow,
    values: bytes | Values | Sequence[Any],
    policy: JobPolicy,
    *,
    sound: bool = False,
) -> object | Refused:
    """The command that the values ask for, or why there is none.

    Args:
        row: of the engine's table.
        values: JSON as it came, or what was read of it: an object, or an array with the values
            of the command's fields in their order.
        policy: what jobs are treated by as a rule.
        sound: the values are known to be what strict JSON can hold.
    """
    return bind_kind(row.kind, values, policy, sound=sound)


def bind_kind(
    kind: type,
    values: bytes | Values | Sequence[Any],
    policy: JobPolicy,
    *,
    sound: bool = False,
) -> object | Refused:
    """The same for any attrs class whose fields are made of the kinds that commands are."""
    try:
        if isinstance(values, bytes):
            values, sound = parsed(values), True
        if not sound:
            _check(values)
        return _made(kind, _by_name(kind, values), policy)
    except Unfit as error:
        return Refused(error.code, str(error))


def parsed(raw: bytes) -> Any:
    """JSON, and only what every reader of JSON takes for the same.

    Raises:
        Unfit: it is none, nested too deeply, or names something twice.
    """
    found = json_of(raw, Any)
    try:
        json.loads(raw, object_pairs_hook=_once)
    except RecursionError:
        raise Unfit("JSON: nested too deeply") from None
    return found


@cache
def command_fields(kind: Any) -> tuple[Field, ...]:
    """What a command is made of, in order; of `Publish` without the options."""
    hints = get_type_hints(kind, include_extras=True)
    found: list[Field] = []
    field: Attribute[Any]
    for field in fields(kind):
        if (kind, field.name) != (Publish, "options"):
            hint = hints[field.name]
            binary = hint is bytes or bytes in get_args(hint)
            found.append(Field(field.name, hint, field.default is NOTHING, binary))
    return tuple(found)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Unfit("JSON: an object names something twice")


def _check(values: Any) -> None:
    """Only what strict JSON can hold goes on; nesting is followed without recursion."""
    left: list[Any] = [values]
    while left:
        value = left.pop()
        match value:
            case str():
                if not value.isascii():
                    _check_text(value)
            case float():
                if not isfinite(value):
                    raise Unfit("a number is not finite")
            case int():
                if not -_WHOLE_MAX < value < _WHOLE_MAX:
                    raise Unfit("a number has more than 64 bits")
            case list() | tuple():
                left += value
            case Mapping():
                left += value.keys()
                left += value.values()
            case _:
                pass


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unfit("a text has half a character") from None


def _by_name(kind: type, found: Any) -> dict[str, Any]:
    if isinstance(found, Mapping):
        return dict(found)
    if not isinstance(found, Sequence) or isinstance(found, str | bytes):
        raise Unfit("the values are no object")
    names = [field.name for field in command_fields(kind)]
    if len(found) > len(names):
        raise Unfit(f"there are {len(names)} values at most")
    return dict(zip(names, found, strict=False))


def _made(kind: type, given: dict[str, Any], policy: JobPolicy) -> object:
    if kind is Publish:
        queue = _one(Name, "queue", given.pop("queue", NOTHING))
        job = new_job(given, policy)
        return Publish(queue, job.type, job.payload, job.options)
    if kind in _BULKS:
        queue, jobs = given.pop("queue", NOTHING), given.pop("jobs", NOTHING)
        _refuse_rest(given)
        if jobs is NOTHING:
            raise Unfit("jobs: is missing")
        named = _one(Name, "queue", queue)
        if kind is Adopt:
            return Adopt(named, kept_of(jobs, policy))
        return PublishMany(named, new_jobs(jobs, policy))
    values: dict[str, Any] = {}
    for field in command_fields(kind):
        one = _taken(given, field)
        if one is not NOTHING or field.required:
            values[field.name] = one if field.binary else _one(field.hint, field.name, one)
    _refuse_rest(given)
    return kind(**values)


def _refuse_rest(given: dict[str, Any]) -> None:
    for name in given:
        raise Unfit(f"{str(name)[:_SHOWN]}: there is no such field")


def _taken(given: dict[str, Any], field: Field) -> Any:
    """The value that was given for a field, taken out; bytes already read."""
    value = given.pop(field.name, NOTHING)
    if not field.binary:
        return value
    coded = given.pop(field.name + BASE64, NOTHING)
    if value is not NOTHING and coded is not NOTHING:
        raise Unfit(f"{field.name}: is given twice")
    if coded is not NOTHING:
        return _decoded(field.name + BASE64, coded)
    if value is NOTHING and field.required:
        raise Unfit(f"{field.name}: is missing")
    if value is NOTHING or (value is None and field.hint is not bytes):
        return value
    if not isinstance(value, str):
        raise Unfit(f"{field.name}: is no text; bytes that are none go into {field.name}{BASE64}")
    return value.encode()


def _decoded(name: str, coded: Any) -> bytes:
    if isinstance(coded, str) and coded.isascii():
        try:
            return a2b_base64(coded, strict_mode=True)
        except Base64Error:
            pass
    raise Unfit(f"{name}: is no base64")


def _one(hint: Any, name: str, value: Any) -> Any:
    if value is NOTHING:
        raise Unfit(f"{name}: is missing")
    try:
        return _reader(hint)(value)
    except msgspec.ValidationError as error:
        raise Unfit(f"{name}: {error}") from None
    except Unfit as error:
        raise Unfit(f"{name}: {error}", error.code) from None


@cache
def _reader(hint: Any) -> Read:
    if hint == tuple[JobState, ...]:
        return _states
    parts = (hint, *get_args(hint), *get_args(getattr(hint, "__origin__", hint)))
    if Name in parts or TypeName in parts:
        return _names(hint, may_be_empty=Name not in parts)
    return lambda value: msgspec.convert(value, hint)


def _names(hint: Any, *, may_be_empty: bool) -> Read:
    """A name, or a list of names."""

    def read(value: Any) -> Any:
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str) and not is_name(one) and (one or not may_be_empty):
                raise Unfit(_NOT_A_NAME, Code.INVALID_NAME)
        return msgspec.convert(value, hint)

    return read


def _states(value: Any) -> tuple[JobState, ...]:
    names = msgspec.convert(value, tuple[str, ...])
    if not _STATES.keys() >= set(names):
        raise Unfit(f"the states are {', '.join(STATE_NAMES)}")
    return tuple(dict.fromkeys(_STATES[name] for name in names))
