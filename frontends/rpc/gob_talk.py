"""Go's net/rpc with gob: requests in, answers out as they come.

A call is two values, a header and an argument; so is an answer, whose header has the number of
its call. An argument of another type than the method takes fails that call alone.
"""

from collections.abc import Callable
from typing import Any, Final

import trio

from frontends.dialects.gob import (
    INTERFACE,
    STRING,
    UINT,
    Bounds,
    Decoder,
    Encoder,
    GobError,
    Named,
    Received,
    Schema,
    StructType,
)
from frontends.dialects.qmanager import METHODS, PREFIX, Kept, Task, identity, kept
from frontends.rpc.handler import Handler, Identity, Outcome, Then, Wrong

_RESPONSE: Final = Schema(
    (StructType("Response", (("ServiceMethod", STRING), ("Seq", UINT), ("Error", STRING))),)
)
_INTERFACE: Final = Schema.basic(INTERFACE)
_NOTHING: Final = Schema((StructType("", ()),))
"""What stands where the result of a failed call would."""
_NO_STRUCT: Final = "want struct type structures.Task; got non-struct"
_BASIC: Final = {1: "bool", 2: "int", 3: "uint", 4: "float", 5: "bytes", 6: "string"}


class Misfit(Exception):
    """An argument is not what the method takes; worded as Go does."""


class GobTalk:
    """One connection, without its socket."""

    def __init__(self, handler: Handler, say: Callable[[bytes], None], bounds: Bounds) -> None:
        """Answer through `say`, in whole answers."""
        self._handler = handler
        self._say = say
        self._decoder = Decoder(bounds)
        self._encoder = Encoder()
        self._header: dict[str, Any] | None = None
        self.waiting = 0
        """Calls that have no answer yet."""
        self.over = False
        """Nothing more can be read."""

    def receive(self, chunk: bytes) -> None:
        """Bytes came in."""
        self._decoder.feed(chunk)

    def turn(self, most: int) -> bool:
        """Begin calls until `most` are unanswered; True: there may be more."""
        try:
            while self.waiting < most:
                found = self._decoder.next()
                if found is None:
                    return False
                self._take(found)
        except GobError:
            self.over = True  # as Go does: who sends what cannot be read is hung up on
            return False
        return True

    def _take(self, found: Received) -> None:
        header = self._header
        if header is not None:
            self._header = None
            self._call(header, found)
        elif isinstance(found.value, dict):
            self._header = found.value
        else:
            raise GobError("a header is no struct")

    async def settle(self) -> None:
        """Go's programs never log in."""
        await trio.lowlevel.checkpoint()

    def _call(self, header: dict[str, Any], argument: Received) -> None:
        name, seq = header.get("ServiceMethod", ""), header.get("Seq", 0)
        if not isinstance(name, str) or type(seq) is not int or seq < 0:
            raise GobError("a header has fields of other types")
        self.waiting += 1

        def then(outcome: Outcome) -> None:
            self.waiting -= 1
            self._say(self._answer(name, seq, outcome))

        service, dot, method = name.rpartition(".")
        if not dot:
            then(Wrong(f"rpc: service/method request ill-formed: {name}"))
        elif f"{service}." != PREFIX:
            then(Wrong(f"rpc: can't find service {name}"))
        elif method not in METHODS:
            then(Wrong(f"rpc: can't find method {name}"))
        else:
            self._begin(method, argument, then)

    def _begin(self, method: str, argument: Received, then: Then) -> None:
        handler = self._handler
        try:
            match method:
                case "AddTask":
                    task = _Argument(argument)
                    handler.add(task.text("Type"), task.held("Input"), then)
                case "FinishTask":
                    task = _Argument(argument)
                    handler.finish(task.text("Id"), task.held("Output"), then)
                case "GetTask":
                    handler.get(_text(argument), then)
                case "RetryTask":
                    handler.retry(_text(argument), then)
                case "TakeTaskByType":
                    handler.take(_texts(argument), then)
                case _:
                    handler.take(None, then)
        except (Misfit, GobError) as error:
            then(Wrong(f"gob: {error}"))

    def _answer(self, name: str, seq: int, outcome: Outcome) -> bytes:
        header: dict[str, Any] = {"ServiceMethod": name, "Seq": seq}
        encode = self._encoder.encode
        match outcome:
            case Wrong(text):
                return encode(_RESPONSE, header | {"Error": text}) + encode(_NOTHING, {})
            case Identity(job):
                body: Named | None = identity(job)
            case Task():
                body = outcome.gob()
            case None:
                body = None
        mark = self._encoder.mark
        try:
            return encode(_RESPONSE, header) + encode(_INTERFACE, body)
        except GobError as error:
            self._encoder.back_to(mark)
            if isinstance(outcome, Task):
                self._handler.give_back(outcome.id)
            wrong = header | {"Error": f"gob: {error}: connect anew"}
            return encode(_RESPONSE, wrong) + encode(_INTERFACE, None)


class _Argument:
    """A task that came as an argument."""

    def __init__(self, found: Received) -> None:
        if not isinstance(found.value, dict):
            raise Misfit(f"type mismatch in decoder: {_NO_STRUCT}")
        self._fields = found.value

    def text(self, name: str) -> str:
        value = self._fields.get(name, "")
        if not isinstance(value, str):
            raise Misfit(f"wrong type for received field Task.{name}")
        return value

    def held(self, name: str) -> Kept | None:
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, Named):
            raise Misfit(f"wrong type for received field Task.{name}")
        return kept(value)


def _named(found: Received) -> str:
    return _BASIC.get(found.id, "struct" if isinstance(found.value, dict) else "other")


def _text(found: Received) -> str:
    if not isinstance(found.value, str):
        raise Misfit(f"decoding into local type *uuid.UUID, received remote type {_named(found)}")
    return found.value


def _texts(found: Received) -> list[str]:
    value = found.value
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Misfit(f"decoding into local type *[]string, received remote type {_named(found)}")
    return value
