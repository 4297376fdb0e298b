"""Where a server is and who we are there, in one URL."""

from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from attrs import field, frozen

from jobyard.errors import BadArgument

PORT: Final = 8962
"""Of the line protocol, when the URL names none."""
PORT_TLS: Final = 8963
_SCHEMES: Final = {"jobyard": False, "jobyards": True}
_LONGEST: Final = 4_096


@frozen
class Address:
    """A server, a user and a group."""

    host: str = "127.0.0.1"
    port: int = PORT
    tls: bool = False
    user: str = ""
    """Empty: log in as nobody."""
    password: str = field(default="", repr=False)
    group: str = ""
    """Empty: the only group the user has."""

    def __str__(self) -> str:
        """For people: no password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        who = f"{self.user}@" if self.user else ""
        return f"jobyard{'s' if self.tls else ''}://{who}{host}:{self.port}/{self.group}"


def split(url: str) -> SplitResult:
    """The parts of a URL that a host can be found by, still percent-encoded.

    Raises:
        BadArgument: it is none. The sentence never repeats the URL: it may have a password.
    """
    if len(url) > _LONGEST:
        raise BadArgument(f"the URL is longer than {_LONGEST} characters")
    if not url.isprintable() or " " in url:
        raise BadArgument("the URL has a space or a character that cannot be printed")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # as the system will, when it looks for it
    except ValueError:
        raise BadArgument("the URL's host or port cannot be read") from None
    if port == 0:
        raise BadArgument("the port is 1 to 65535")
    return parts


def parse(url: str) -> Address:
    """Read `jobyard://user:password@host:8962/group`, or `jobyards://…` for TLS.

    User, password and group may be percent-encoded; every part but the scheme may be left out.

    Raises:
        BadArgument: it is no such URL. The sentence never repeats the URL: it has a password.
    """
    parts = split(url)
    if parts.scheme not in _SCHEMES or "//" not in url:
        raise BadArgument("the URL begins with jobyard:// or jobyards://")
    if parts.query or parts.fragment:
        raise BadArgument("the URL ends after the group: it has no ? and no #")
    group = parts.path.removeprefix("/")
    if "/" in group:
        raise BadArgument("the URL names one group: a / in its name is written %2F")
    tls = _SCHEMES[parts.scheme]
    return Address(
        host=parts.hostname or Address().host,
        port=parts.port or (PORT_TLS if tls else PORT),
        tls=tls,
        user=decoded(parts.username or ""),
        password=decoded(parts.password or ""),
        group=decoded(group),
    )


def decoded(text: str) -> str:
    """A part of a URL without its percent-encoding.

    Raises:
        BadArgument: what it encodes is no UTF-8.
    """
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadArgument("what is percent-encoded in the URL is no UTF-8") from None
