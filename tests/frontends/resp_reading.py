"""RESP as a client reads it: versions 2 and 3, maps as dicts, pushes apart."""

from collections.abc import Callable
from typing import Any, Final

from attrs import define, frozen


@frozen
class Push:
    """A push value of RESP 3."""

    items: list[Any]


@frozen
class Error:
    """A refusal: code and sentence."""

    code: str
    sentence: str


@define
class Bytes:
    """What is left to read."""

    rest: bytes

    def line(self) -> bytes:
        line, end, self.rest = self.rest.partition(b"\r\n")
        assert end, line
        return line

    def value(self) -> Any:
        line = self.line()
        kind, head = line[:1], line[1:]
        if kind in _SIMPLE:
            return _SIMPLE[kind](head)
        size = int(head)
        match kind:
            case b"$":
                if size < 0:
                    return None
                text, self.rest = self.rest[:size], self.rest[size + 2 :]
                return text
            case b"*":
                return [self.value() for _ in range(size)]
            case b">":
                return Push([self.value() for _ in range(size)])
            case b"%":
                pairs = [(self.value(), self.value()) for _ in range(size)]
                assert len({key for key, _ in pairs}) == size
                return {key.decode(): value for key, value in pairs}
            case _:
                raise AssertionError(line)


def _error(head: bytes) -> Error:
    word, code, sentence = head.decode().split(" ", 2)
    assert word == "ERR"
    return Error(code, sentence)


_SIMPLE: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"+": bytes.decode,
    b"-": _error,
    b":": int,
    b",": float,
    b"#": {b"t": True, b"f": False}.__getitem__,
    b"_": lambda _: None,
}


def read_all(wire: bytes) -> list[Any]:
    """Every value in it; it must end with the last."""
    rest, found = Bytes(wire), []
    while rest.rest:
        found.append(rest.value())
    return found


def flat(values: list[Any]) -> dict[str, Any]:
    """A map of version 2."""
    keys = [key.decode() for key in values[::2]]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, values[1::2], strict=True))
