"""Certificates for a test, and clients that trust them."""

import ssl
from pathlib import Path

import trio
import trustme
from attrs import frozen

from tests.frontends.tcp.serving import Served

Encrypted = trio.SSLStream[trio.SocketStream]


@frozen
class Files:
    """A certificate on disk, and clients that trust its maker."""

    chain: Path
    key: Path
    trust: ssl.SSLContext

    def issue(self, authority: trustme.CA, name: str) -> None:
        issued = authority.issue_cert(name)
        issued.private_key_pem.write_to_path(self.key)
        self.chain.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))


async def connect(served: Served, files: Files, name: str = "old.example") -> Encrypted:
    client = trio.SSLStream(await served.connect_tls(), files.trust, server_hostname=name)
    await client.do_handshake()
    return client
