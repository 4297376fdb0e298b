"""The certificate of a listener, whatever protocol it speaks."""

import ssl


class Certificate:
    """The TLS context of a listener, read from two PEM files and readable again."""

    def __init__(self, chain: str, key: str) -> None:
        """Read both.

        Raises:
            OSError: a file cannot be read, or (`ssl.SSLError`) the two do not fit.
        """
        self._files = (chain, key)
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
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0
        context.load_cert_chain(*self._files, password=_no_password)
        return context


def _no_password() -> str:
    """Stand in for a question on the terminal, which nobody would answer."""
    return ""
