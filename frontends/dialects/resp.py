"""RESP 2 and 3: answers of the line protocol as Redis clients read them."""

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from frontends.dialects.answers import UNKNOWN_COMMAND, WRONG_NUMBER, Denied, Framed

OK: Final = Framed(b"+OK\r\n")
NIL: Final = Framed(b"$-1\r\n")
NO_PROTOCOL: Final = Framed(b"-NOPROTO unsupported protocol version\r\n")


def simple(text: bytes) -> bytes:
    """A status; line ends in it become spaces."""
    return b"+%b\r\n" % one_line(text)


def bulk(raw: bytes) -> bytes:
    """Any bytes, with their length."""
    return b"$%d\r\n%b\r\n" % (len(raw), raw)


def error(code: str, sentence: str) -> bytes:
    """A refusal: its code, then what a person can act on."""
    text = f"{code} {sentence}" if sentence else code
    return b"-ERR %b\r\n" % one_line(text.encode("utf-8", "replace"))


def number(value: int) -> bytes:
    """An integer."""
    return b":%d\r\n" % value


def array(values: Iterable[bytes]) -> bytes:
    """An array of what is already RESP."""
    items = list(values)
    return b"*%d\r\n%b" % (len(items), b"".join(items))


def mapping(pairs: dict[bytes, bytes], protocol: int) -> bytes:
    """A map of what is already RESP, flat before RESP 3."""
    head = b"%%%d\r\n" % len(pairs) if protocol == 3 else b"*%d\r\n" % (2 * len(pairs))
    return head + b"".join(key + value for key, value in pairs.items())


def pushed(job: bytes, protocol: int) -> bytes:
    """What nobody asked for: the word `job` and its JSON, a push value from RESP 3 on."""
    return b"%b2\r\n$3\r\njob\r\n%b" % (b">" if protocol == 3 else b"*", bulk(job))


def one_line(text: bytes) -> bytes:
    """The same without line ends."""
    if b"\n" in text or b"\r" in text:
        return text.replace(b"\r", b" ").replace(b"\n", b" ")
    return text


@frozen
class Hello:
    """What HELLO asks for."""

    protocol: int | None = None
    """2 or 3; None: as it is."""
    login: tuple[bytes, bytes] | None = field(default=None, repr=False)
    name: bytes | None = None


def hello(words: list[bytes]) -> Hello | Denied | Framed:
    """Read `HELLO [2|3 [AUTH user password] [SETNAME name]]`."""
    if len(words) == 1:
        return Hello()
    if words[1] not in {b"2", b"3"}:
        return NO_PROTOCOL
    protocol, login, name = int(words[1]), None, None
    rest = words[2:]
    while rest:
        match rest[0].upper(), len(rest):
            case b"AUTH", size if size > 2:
                login, rest = (rest[1], rest[2]), rest[3:]
            case b"SETNAME", size if size > 1:
                name, rest = rest[1], rest[2:]
            case _:
                return Denied("syntax-error", "HELLO [2|3 [AUTH user password] [SETNAME name]]")
    return Hello(protocol, login, name)


def greeting(version: str, protocol: int, connection: int) -> Framed:
    """The answer to HELLO."""
    return Framed(
        mapping(
            {
                bulk(b"server"): bulk(b"jobyard"),
                bulk(b"version"): bulk(version.encode()),
                bulk(b"proto"): number(protocol),
                bulk(b"id"): number(connection),
                bulk(b"mode"): bulk(b"standalone"),
                bulk(b"role"): bulk(b"master"),
                bulk(b"modules"): array(()),
            },
            protocol,
        )
    )


def client(words: list[bytes], connection: int) -> Framed | Denied:
    """CLIENT: what clients say of themselves is taken and forgotten."""
    if len(words) < 2:
        return WRONG_NUMBER
    match words[1].upper():
        case b"SETNAME" | b"SETINFO" | b"NO-EVICT" | b"NO-TOUCH" | b"REPLY":
            return OK
        case b"GETNAME":
            return NIL
        case b"ID":
            return Framed(number(connection))
        case _:
            return UNKNOWN_COMMAND


def command(words: list[bytes], names: list[bytes], protocol: int) -> Framed | Denied:
    """COMMAND: how many commands there are, and no more than clients need to go on."""
    match words[1].upper() if len(words) > 1 else b"":
        case b"" | b"INFO":
            return Framed(array(()))
        case b"COUNT":
            return Framed(number(len(names)))
        case b"LIST":
            return Framed(array(map(bulk, names)))
        case b"DOCS":
            return Framed(mapping({}, protocol))
        case _:
            return UNKNOWN_COMMAND
