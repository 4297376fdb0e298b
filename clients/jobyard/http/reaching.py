"""What both clients over HTTP are made with."""

import ssl

from jobyard.dialing import Backoff
from jobyard.http import sending
from jobyard.http.address import WebAddress, web_address
from jobyard.http.talking import Patience, Talker


class Reaching:
    """A server, who we are there, and how long to try; nothing is connected yet."""

    def __init__(
        self,
        server: WebAddress | str,
        *,
        token: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        patience: float = 30.0,
        backoff: Backoff | None = None,
    ) -> None:
        """Name the server; entering the context connects.

        Args:
            server: `http://user:password@host:8952/?group=g`, or `https://…`.
            token: instead of a user; None: `$JOBYARD_TOKEN`, where the URL names no user.
            ssl_context: for `https://`; None: the system's authorities.
            patience: seconds a call waits for a server that is away, or asks to come back later.
            backoff: the waits between tries.

        Raises:
            BadArgument: it is no such URL, or no token.
        """
        self.address = web_address(server, token)
        self._patience = Patience(patience, backoff or Backoff())
        self._talker = Talker(self.address.group, self._patience)
        self._options = sending.options(self.address, ssl_context)
