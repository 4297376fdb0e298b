"""The certificate of a listener, whatever protocol it speaks."""

import ssl
from collections.abc import Sequence
from typing import Final

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: each connection has a key of its own, and every record is authenticated whole.

Those of TLS 1.3 are all like that."""


class Certificate:
    """The TLS context of a listener, read from two PEM files and readable again."""

    def __init__(self, chain: str, key: str, protocols: Sequence[str] = ()) -> None:
        """Read both.

        Args:
            chain: the certificate with its chain.
            key: its private key.
            protocols: what is agreed on with clients that ask what is spoken (ALPN).

        Raises:
            OSError: a file cannot be read, or (`ssl.SSLError`) the two do not fit.
        """
        self._files = (chain, key)
        self._protocols = list(protocols)
        self.context = self._read()

    def reload(self) -> None:
        """Read both again for connections to come. On an error the old ones stay in use.

        Raises:
            OSError: as at first.
        """
        self.context = self._read()

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0
        if self._protocols:
            context.set_alpn_protocols(self._protocols)
        context.load_cert_chain(*self._files, password=_no_password)
        return context


def _no_password() -> str:
    """Stand in for a question on the terminal, which nobody would answer."""
    return ""
