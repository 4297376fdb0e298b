"""Where a server's HTTP API is and who we are there."""

import os
import re
from base64 import b64encode
from typing import Final
from urllib.parse import parse_qsl, quote

from attrs import evolve, field, frozen

from jobyard.errors import BadArgument
from jobyard.url import decoded, split
from jobyard.words import text

PORT: Final = 8952
"""When the URL names none, with TLS or without."""
TOKEN: Final = "JOBYARD_TOKEN"  # noqa: S105 - the name of the variable, not its value
_SCHEMES: Final = {"http": False, "https": True}
_token: Final = re.compile(r"[\x21-\x7e]{1,4096}").fullmatch


@frozen
class WebAddress:
    """A server, a user or the bearer of a token, and a group."""

    host: str = "127.0.0.1"
    port: int = PORT
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """Instead of user and password."""
    group: str = ""
    """Empty: the only group there is for this user."""

    def __str__(self) -> str:
        """For people: neither password nor token."""
        who = f"{self.user}@" if self.user else ""
        group = f"/?group={quote(self.group)}" if self.group else ""
        return f"{self._scheme}://{who}{self._place}{group}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self._scheme}://{self._place}"

    @property
    def authorization(self) -> str:
        """The header; empty: there is nothing to say."""
        if self.token:
            return f"Bearer {self.token}"
        if not self.user:
            return ""
        return f"Basic {b64encode(text(f'{self.user}:{self.password}')).decode()}"

    @property
    def _scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def _place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def web_address(server: WebAddress | str, token: str | None = None) -> WebAddress:
    """An address with its token: the one that is said, else that of the environment.

    A URL with a user keeps to its user, whatever the environment has.

    Raises:
        BadArgument: it is no such URL, or two say who we are.
    """
    found = parse(server) if isinstance(server, str) else server
    if token is None and not (found.user or found.token):
        token = os.environ.get(TOKEN)
    if not token:
        return found
    if found.user:
        raise BadArgument("the URL has a user, and there is a token: one of them says who we are")
    if not _token(token):
        raise BadArgument("a token has no spaces and no characters beyond ASCII")
    return evolve(found, token=token)


def parse(url: str) -> WebAddress:
    """Read `http://user:password@host:8952/?group=g`, or `https://…`.

    Raises:
        BadArgument: it is no such URL. The sentence never repeats the URL: it has a password.
    """
    parts = split(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise BadArgument("the URL begins with http:// or https:// and a host")
    if parts.path not in {"", "/"} or parts.fragment:
        raise BadArgument("the URL has no path and no #")
    user, password = decoded(parts.username or ""), decoded(parts.password or "")
    if ":" in user:
        raise BadArgument("a user with a colon in the name cannot log in over HTTP")
    if password and not user:
        raise BadArgument("the URL has a password and no user")
    return WebAddress(
        host=parts.hostname,
        port=parts.port or PORT,
        tls=_SCHEMES[parts.scheme],
        user=user,
        password=password,
        group=_group(parts.query),
    )


def _group(query: str) -> str:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"
        )
    except ValueError:  # also what is no UTF-8
        pairs = [("", "")]
    match pairs:
        case []:
            return ""
        case [("group", group)] if group:
            return group
        case _:
            raise BadArgument("behind its ? the URL has group=NAME and nothing else")
