"""The engine's replies in RESP: each a map of its fields, in version 2 a flat array.

`Ok` is `+OK`. A job is one flat map: its own fields and those of its rare part, its details and
its policy. Enums are their lower-case names, None is null. A pushed job leaves out what says
nothing, and of its policy what a worker has no use for: workers read many.
"""

from collections.abc import Callable
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Final

import attrs
from msgspec import Struct

from engine.job import PLAIN_MORE, Details, JobMore, JobPolicy
from engine.replies import CancelAsked, JobView, Ok, Pushed, Reply
from engine.retry import Backoff
from frontends.dialects.native_options import backoff_shape
from frontends.dialects.resp import bulk

Write = Callable[[Any, int], bytes]

_OK: Final = b"+OK\r\n"


def render(reply: Reply, protocol: int) -> bytes:
    """An answer that is no refusal; `protocol` is the version of RESP."""
    return _OK if isinstance(reply, Ok) else written(reply, protocol)


def pushed(said: Pushed | CancelAsked, protocol: int) -> bytes:
    """What nobody asked for: `job` with a job, or `cancel` with what to stop."""
    head = b">2\r\n" if protocol == 3 else b"*2\r\n"
    if isinstance(said, Pushed):
        return b"%b$3\r\njob\r\n%b" % (head, _pushed_job(said.job, protocol))
    return b"%b$6\r\ncancel\r\n%b" % (head, written(said, protocol))


def written(value: Any, protocol: int) -> bytes:
    """Any value that replies are made of."""
    return _writer(type(value))(value, protocol)


def _writer(kind: type) -> Write:
    found = _WRITERS.get(kind)
    if found is None:
        found = _WRITERS[kind] = _made(kind)
    return found


def _made(kind: Any) -> Write:
    if issubclass(kind, Enum):
        return lambda value, _: bulk(value.name.lower().encode())
    names: tuple[str, ...] = (
        kind.__struct_fields__
        if issubclass(kind, Struct)
        else tuple(field.name for field in attrs.fields(kind))
    )
    return _record(names)


def _template(names: tuple[str, ...]) -> bytes:
    """Keys with a place for the value after each."""
    return b"".join(bulk(name.encode()) + b"%b" for name in names)


def _values(of: tuple[Any, ...], protocol: int) -> tuple[bytes, ...]:
    return tuple([(_WRITERS.get(type(one)) or _writer(type(one)))(one, protocol) for one in of])


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names)


def _record(names: tuple[str, ...]) -> Write:
    get, template, size = _getter(names), _template(names), len(names)

    def write(value: Any, protocol: int) -> bytes:
        return _head(size, protocol) + template % _values(get(value), protocol)

    return write


def _head(pairs: int, protocol: int) -> bytes:
    return b"%%%d\r\n" % pairs if protocol == 3 else b"*%d\r\n" % (2 * pairs)


def _text(value: str, _: int) -> bytes:
    return bulk(value.encode("utf-8", "replace"))


def _bytes(value: bytes, _: int) -> bytes:
    return bulk(value)


def _int(value: int, _: int) -> bytes:
    return b":%d\r\n" % value


@lru_cache(maxsize=256)
def _float(value: float, protocol: int) -> bytes:  # most are times, and a batch has few
    shown = repr(value).encode()
    return b",%b\r\n" % shown if protocol == 3 else bulk(shown)


def _bool(value: bool, protocol: int) -> bytes:  # noqa: FBT001 - one signature for all kinds
    if protocol == 3:
        return b"#t\r\n" if value else b"#f\r\n"
    return b":1\r\n" if value else b":0\r\n"


def _none(_: None, protocol: int) -> bytes:
    return b"_\r\n" if protocol == 3 else b"$-1\r\n"


def _array(values: Any, protocol: int) -> bytes:
    return b"*%d\r\n%b" % (len(values), b"".join(_values(values, protocol)))


def _map(values: dict[str, Any], protocol: int) -> bytes:
    pairs = [_text(key, 2) + written(value, protocol) for key, value in values.items()]
    return _head(len(pairs), protocol) + b"".join(pairs)


def _backoff(value: Backoff, protocol: int) -> bytes:
    return _map(backoff_shape(value), protocol)


_OWN = tuple(n for n in JobView.__struct_fields__ if n not in {"more", "details", "policy"})
_MORE = tuple(field.name for field in attrs.fields(JobMore))
_DETAILS = tuple(field.name for field in attrs.fields(Details))
_POLICY = tuple(n for n in JobPolicy.__struct_fields__ if n != "lapses_count")
_SIZE: Final = len((*_OWN, *_MORE, *_DETAILS, *_POLICY))
_own, _more, _details = _getter(_OWN), _getter(_MORE), _getter(_DETAILS)
_OWN_AS, _MORE_AS, _DETAILS_AS = _template(_OWN), _template(_MORE), _template(_DETAILS)


def _job(view: JobView, protocol: int) -> bytes:
    rare, details = view.more, view.details
    return b"".join(
        (
            _head(_SIZE, protocol),
            _OWN_AS % _values(_own(view), protocol),
            _plain_more(protocol)
            if rare is PLAIN_MORE
            else _MORE_AS % _values(_more(rare), protocol),
            _no_details(protocol)
            if details is None
            else _DETAILS_AS % _values(_details(details), protocol),
            _policy(view.policy, protocol),
        )
    )


@cache
def _plain_more(protocol: int) -> bytes:
    return _MORE_AS % _values(_more(PLAIN_MORE), protocol)


@cache
def _no_details(protocol: int) -> bytes:
    return _DETAILS_AS % _values(_details(Details()), protocol)


@lru_cache(maxsize=1024)
def _policy(policy: JobPolicy, protocol: int) -> bytes:
    return _template(_POLICY) % _values(attrgetter(*_POLICY)(policy), protocol)


_ALIKE = ("group", "queue", "type", "state", "holder")
"""What jobs pushed to one connection mostly agree in."""
_ALWAYS = (
    "id", "seq", "payload", "ready_at", "created_at", "updated_at", "attempts", "reservation"
)  # fmt: skip
_SELDOM = tuple(name for name in _OWN if name not in {*_ALIKE, *_ALWAYS})
_BRIEF_POLICY = ("lease", "run_limit", "max_attempts")
_alike, _ALIKE_AS = _getter(_ALIKE), _template(_ALIKE)
_always, _ALWAYS_AS = _getter(_ALWAYS), _template(_ALWAYS)
_seldom, _brief = _getter(_SELDOM), _getter(_BRIEF_POLICY)


def _pushed_job(view: JobView, protocol: int) -> bytes:
    seldom = _seldom(view)
    rest = _saying(_SELDOM, seldom, protocol) if any(seldom) else []
    if view.more is not PLAIN_MORE:
        rest += _saying(_MORE, _more(view.more), protocol)
    if view.details is not None:
        rest += _saying(_DETAILS, _details(view.details), protocol)
    rest += _brief_policy(view.policy, protocol)
    head = _head(len(_ALIKE) + len(_ALWAYS) + len(rest), protocol)
    always = _ALWAYS_AS % _values(_always(view), protocol)
    return b"".join((head, _written_alike(_alike(view), protocol), always, *rest))


@lru_cache(maxsize=1024)
def _written_alike(of: tuple[Any, ...], protocol: int) -> bytes:
    return _ALIKE_AS % _values(of, protocol)


def _saying(names: tuple[str, ...], of: tuple[Any, ...], protocol: int) -> list[bytes]:
    """Those pairs whose value is neither null nor 0, false or empty."""
    return [
        bulk(name.encode()) + written(value, protocol)
        for name, value in zip(names, of, strict=True)
        if value
    ]


@lru_cache(maxsize=1024)
def _brief_policy(policy: JobPolicy, protocol: int) -> list[bytes]:
    return _saying(_BRIEF_POLICY, _brief(policy), protocol)


_WRITERS: Final[dict[type, Write]] = {
    str: _text,
    bytes: _bytes,
    int: _int,
    float: _float,
    bool: _bool,
    type(None): _none,
    tuple: _array,
    list: _array,
    dict: _map,
    Backoff: _backoff,
    JobView: _job,
}
"""By kind; those of other kinds join when they are met first."""
