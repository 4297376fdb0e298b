"""The words of a command as an HTTP request.

Numbers, lists and the like go into JSON as the word has them. What is no JSON goes as text: the
server says what is wrong with it.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import quote, urlencode

import attrs
import msgspec
from attrs import field, frozen

from engine.commands import Publish
from engine.commands.fields import Seconds
from frontends.dialects.native import WORDS, NativeWord
from frontends.dialects.native_json_binding import BASE64, command_fields
from frontends.dialects.native_options import BulkJob
from frontends.dialects.native_values import Unfit, reader
from jobyard.errors import BadArgument, InvalidValue, NotOverHttp
from jobyard.http.paths import NO_PATH, PATHS, PREFIX, Path
from jobyard.words import json, number

Words = tuple[bytes, ...]

_GROUP: Final = "group"
_key: Final = re.compile(rb"[\x21-\x7e]{1,200}").fullmatch
_seconds: Final = reader(Seconds)
_SHOWN: Final = 40
"""Characters of an unknown word that an error repeats."""


@frozen
class Request:
    """What is sent."""

    method: str
    target: str
    """Path and query, percent-encoded."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    """It may have a password in it."""
    wait: float = 0.0
    """Seconds that the server may take beyond the usual."""


@frozen
class Asked:
    """One command on its way: what is said of it, by field."""

    word: NativeWord
    path: Path
    said: Mapping[str, bytes] = field(repr=False)
    key: bytes | None = None
    """Under which the server remembers its answer."""
    wait: float | None = None
    """Seconds it may wait; None: it does not, or with a number that the server will refuse."""

    def request(self, group: str, wait: float | None = None) -> Request:
        """The request, in a group; `wait` is how much of the whole wait this one has."""
        said = dict(self.said)
        if wait is not None:
            said["wait"] = number(wait)
        target = PREFIX + "".join(
            f"/{_segment(part, said)}" for part in self.path.template.split("/")[1:]
        )
        pairs = [(_GROUP, group)] if group else []
        headers: list[tuple[str, str]] = []
        body = b""
        if self.path.in_query:
            pairs += _pairs(self, said)
        else:
            body = json(_object(self, said))
            headers.append(("content-type", "application/json"))
        if self.key is not None:
            headers.append(("idempotency-key", self.key.decode()))
        query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
        return Request(self.path.method, target + query, tuple(headers), body, wait or 0.0)


def ask(words: Words, reservation: str | None = None) -> Asked:
    """What these words ask for.

    Args:
        words: of the line protocol.
        reservation: under which the job they speak of is held, in case they do not say.

    Raises:
        NotOverHttp: HTTP has no way to say it.
        InvalidValue: there is no such command, or its words do not add up.
        BadArgument: it cannot be said in a URL or in a header.
    """
    name = words[0].decode("utf-8", "replace").upper()
    word, path = WORDS.get(name), PATHS.get(name)
    if path is None and name in NO_PATH:
        raise NotOverHttp(f"{name} has no place in HTTP: {NO_PATH[name]}")
    if word is None or path is None:
        raise InvalidValue("unknown-command", f"there is no command {name[:_SHOWN]} over HTTP")
    said = _by_field(word, words)
    key = said.pop("request_id", None)
    if key is not None and not _key(key):
        raise BadArgument("over HTTP a request id has 1 to 200 visible ASCII characters")
    if reservation is not None and b"RESERVATION" in word.optional:
        said.setdefault("reservation", reservation.encode())
    for field_name, plain in path.unsaid.items():
        if said.pop(field_name, plain) != plain:
            raise NotOverHttp(f"{name} has no {field_name} over HTTP")
    return Asked(word, path, said, key, _wait(word, said))


def _by_field(word: NativeWord, words: Words) -> dict[str, bytes]:
    needed = [name for name, _ in word.required]
    pairs = words[1 + len(needed) :]
    if len(words) <= len(needed) or len(pairs) % 2:
        raise InvalidValue("wrong-numbers-arguments", f"usage: {word.usage}")
    said = dict(zip(needed, words[1:], strict=False))
    for raw, value in zip(pairs[::2], pairs[1::2], strict=True):
        name = _text(raw).lower()
        if name in said:
            raise InvalidValue("invalid-value", f"{name[:_SHOWN]}: is given twice")
        said[name] = value
    return said


def _wait(word: NativeWord, said: Mapping[str, bytes]) -> float | None:
    if b"WAIT" not in word.optional:
        return None
    if "wait" not in said:
        default: Any = attrs.fields_dict(word.row.kind)["wait"].default
        return float(default)
    try:
        found: float = _seconds(said["wait"])
    except Unfit:
        return None
    return found


def _segment(part: str, said: dict[str, bytes]) -> str:
    """A part of the path; a field that gives one is taken out."""
    if not part.startswith("{"):
        return part
    text = _text(said.pop(part[1:-1]))
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def _pairs(asked: Asked, said: Mapping[str, bytes]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    hints = _hints(asked.word.row.kind)
    for name, raw in said.items():
        values = [_text(raw)] if _is_text(hints.get(name)) else _listed(raw)
        pairs += [(asked.path.renamed.get(name, name), value) for value in values]
    return pairs


def _listed(raw: bytes) -> list[str]:
    """The texts of a list, each said for itself; anything else as it is."""
    try:
        return msgspec.json.decode(raw, type=list[str])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [_text(raw)]


def _object(asked: Asked, said: Mapping[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    hints = _hints(asked.word.row.kind)
    for name, raw in said.items():
        hint = hints.get(name)
        shown = asked.path.renamed.get(name, name)
        if bytes in {hint, *get_args(hint)}:
            _put_bytes(found, shown, raw)
        else:
            found[shown] = _text(raw) if _is_text(hint) else _json(raw)
    return found


def _put_bytes(found: dict[str, Any], name: str, raw: bytes) -> None:
    try:
        found[name] = raw.decode()
    except UnicodeDecodeError:
        found[name + BASE64] = b64encode(raw).decode()


def _json(raw: bytes) -> msgspec.Raw | str:
    try:
        msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _text(raw)
    return msgspec.Raw(raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadArgument("a text is no UTF-8") from None


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """What kind of value each field takes, a publisher's options too."""
    found = {one.name: one.hint for one in command_fields(kind)}
    if kind is Publish:
        for option in msgspec.structs.fields(BulkJob):
            found.setdefault(option.name, option.type)
    return found


@cache
def _is_text(hint: Any) -> bool:
    """Whether a field takes nothing but text."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _is_text(parts[0])
    if origin in {Union, UnionType}:
        return all(_is_text(part) for part in parts if part not in {NoneType, msgspec.UnsetType})
    return origin is Literal or hint is str
