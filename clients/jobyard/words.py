"""Python values as the words of a command, and what every call has in common."""

import math
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar

import msgspec
from attrs import frozen

from jobyard.errors import BadArgument, ProtocolError
from jobyard.job import Job, plain
from jobyard.resp import Value

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_INTEGER_MAX: Final = 2**63 - 1

Body = bytes | str | dict[str, Any] | list[Any]
"""A payload: bytes and text go as they are, a dict or list as JSON."""


@frozen
class Call(Generic[T_co]):
    """One command: its words, and how its answer is read."""

    words: tuple[bytes, ...]
    read: Callable[[Value], T_co]
    repeatable: bool = True
    """Whether it may be said again when the connection went before the answer."""
    job: str = ""
    """The held job it speaks of: it goes over the connection that holds that job."""
    reservation: str | None = None
    """Under which it is held, if that was said."""
    wait: float = 0.0
    """Seconds the server may take to answer, and everything after it on that connection."""
    takes: bool = False
    """Its answer is jobs that the connection holds from then on."""
    ends: bool = False
    """The job it speaks of is not held any more after it."""


def text(value: str) -> bytes:
    """Text as UTF-8."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise BadArgument("a text has a lone surrogate: it is no UTF-8") from None


def number(value: float) -> bytes:
    """A finite number in plain decimals; seconds keep microseconds."""
    if isinstance(value, int):
        if not -_INTEGER_MAX <= value <= _INTEGER_MAX:
            raise BadArgument("a number has more than 64 bits")
        return b"%d" % value
    if not math.isfinite(value):
        raise BadArgument("a number is not finite")
    return f"{value:.6f}".rstrip("0").rstrip(".").encode()


def word(value: object) -> bytes:
    """Any argument as one word."""
    match value:
        case bytes():
            return value
        case str():
            return text(value)
        case bool():
            return b"true" if value else b"false"
        case int() | float():
            return number(value)
        case None:
            raise BadArgument("an argument is None")
        case _:
            return json(value)


def json(value: object) -> bytes:
    """Compact JSON."""
    try:
        said = msgspec.json.encode(value)
        exact = b"null" not in said or _finite(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise BadArgument(f"it cannot be said in JSON: {error}") from None
    if not exact:
        raise BadArgument("it cannot be said in JSON: a number is not finite")
    return said


def _finite(value: object) -> bool:
    """Whether every number in it is one; the encoder makes null of those that are none."""
    match value:
        case float():
            return math.isfinite(value)
        case dict():
            return all(map(_finite, value.values()))
        case list() | tuple() | set() | frozenset():
            return all(map(_finite, value))
        case _:
            return True


def body(payload: Body) -> tuple[bytes, str | None]:
    """A payload as bytes, and its content type if it is ours to know."""
    if isinstance(payload, bytes):
        return payload, None
    if isinstance(payload, str):
        return text(payload), None
    return json(payload), "application/json"


def words(name: str, *required: object, **optional: object) -> tuple[bytes, ...]:
    """A command: its name, what it needs, and pairs for what was said beyond that (not None)."""
    said: list[bytes] = [name.encode(), *map(word, required)]
    for key, value in optional.items():
        if value is not None:
            said += (key.upper().encode(), word(value))
    return tuple(said)


def names(values: Iterable[str]) -> list[str] | None:
    """Several texts as one argument; none of them: not said."""
    if isinstance(values, str):
        raise BadArgument("several names are a list or a tuple, not one text")
    return list(values) or None


def held(job: Job | str) -> tuple[str, str | None]:
    """Id and reservation of a job that is held."""
    return (job.id, job.reservation) if isinstance(job, Job) else (job, None)


def id_of(job: Job | str) -> str:
    """The id of a job."""
    return job.id if isinstance(job, Job) else job


def nothing(answer: Value) -> None:
    """`OK`, and no more."""
    if answer != "OK":
        raise ProtocolError("the answer is not OK")


def anything(answer: Value) -> Any:
    """Whatever it is, with its texts as text."""
    return plain(answer)
