"""The fields that a request says: in its path, behind the question mark, or in its body."""

import re
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from urllib.parse import unquote_to_bytes

from frontends.dialects.native_json_binding import parsed
from frontends.dialects.native_values import Unfit, reader, text
from frontends.http.exchange import Request
from frontends.http.native.path import READING, Path

PAIRS: Final = 200
"""Query parameters of one request."""
GROUP: Final = "group"
_SHOWN: Final = 40
_json: Final = re.compile(rb'application/json(\s*;\s*charset="?utf-8"?)?', re.IGNORECASE).fullmatch
_key: Final = re.compile(rb"[\x21-\x7e]{1,200}").fullmatch


def has_json(request: Request) -> bool:
    """Whether the body, if there is one, says that it is JSON."""
    said = request.headers.get(b"content-type", b"")
    return not request.body or _json(said.strip()) is not None


def query(request: Request) -> dict[str, list[str]]:
    """Query parameters by name.

    Raises:
        Unfit: there are too many, or one is no UTF-8.
    """
    pairs = [pair for pair in request.query.split(b"&") if pair]
    if len(pairs) > PAIRS:
        raise Unfit(f"there are {PAIRS} query parameters at most")
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        found.setdefault(text(unquote_to_bytes(name)), []).append(text(unquote_to_bytes(value)))
    return found


def group(request: Request, said: dict[str, list[str]]) -> str | None:
    """The group that a request names, taken out of its parameters.

    Raises:
        Unfit: it names two.
    """
    names = said.pop(GROUP, [])
    header = request.headers.get(b"jobyard-group")
    if header is not None:
        names = [*names, text(header)]
    if len(set(names)) > 1:
        raise Unfit("the request names two groups")
    return names[0] if names else None


def request_id(path: Path, request: Request) -> str | None:
    """Under which id the answer is remembered.

    Raises:
        Unfit: it is none, or a change would not be remembered.
    """
    said = request.headers.get(b"idempotency-key")
    if said is None or request.method in READING:
        return None
    if not path.remembers:
        raise Unfit("Idempotency-Key: what this path answers is not remembered")
    if not _key(said):
        raise Unfit("Idempotency-Key: has 1 to 200 visible ASCII characters")
    return said.decode()


def values(
    path: Path, in_path: dict[str, str], said: dict[str, list[str]], request: Request
) -> dict[str, Any]:
    """Everything that the request says of the path's class, by field.

    Raises:
        Unfit: something is said that is none of its fields, or in no readable way.
    """
    found: dict[str, Any] = dict(path.defaults)
    found |= _typed(path, {name: [value] for name, value in in_path.items()})
    if path.in_query:
        return found | _typed(path, _fields(path, said))
    _fields(path, said, nothing=True)
    body = parsed(request.body) if request.body else {}
    if not isinstance(body, dict):
        raise Unfit("the body is no JSON object")
    return found | _fields(path, body)


def _fields(path: Path, said: dict[str, Any], *, nothing: bool = False) -> dict[str, Any]:
    """The same by field; what a path or a command does not know is refused."""
    free = path.takes_options and not nothing
    found: dict[str, Any] = {}
    for name, value in said.items():
        if name in path.in_path or (not free and (nothing or name not in path.elsewhere)):
            raise Unfit(f"{name[:_SHOWN]}: there is no such parameter")
        found[path.elsewhere.get(name, name)] = value
    return found


def _typed(path: Path, said: dict[str, list[str]]) -> dict[str, Any]:
    """Text as the kind of value that the field takes."""
    return {name: _value(name, path.hints[name], texts) for name, texts in said.items()}


def _value(name: str, hint: Any, texts: list[str]) -> Any:
    base = _base(hint)
    if get_origin(base) is tuple:
        return texts
    if len(texts) > 1:
        raise Unfit(f"{name}: is given twice")
    if base in {int, float, bool}:
        try:
            return reader(base)(texts[0].encode())
        except Unfit as error:
            raise Unfit(f"{name}: {error}", error.code) from None
    return texts[0]


@cache
def _base(hint: Any) -> Any:
    """The kind of value under bounds and the None beside it."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _base(get_args(hint)[0])
    if origin is Literal:
        return str
    rest = [part for part in get_args(hint) if part is not type(None)]
    return _base(rest[0]) if origin is not tuple and len(rest) == 1 else hint
