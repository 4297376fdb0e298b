"""The two files of a TLS listener: read, read again, and broken."""

import ssl
from pathlib import Path

import pytest
import trustme

from frontends.certificate import Certificate
from tests.frontends.tcp.encrypted import Files, connect
from tests.frontends.tcp.serving import hear, serve


async def test_new_files_are_for_connections_to_come(
    files: Files, certificate: Certificate, authority: trustme.CA
) -> None:
    async with serve(certificate=certificate) as served:
        early = await connect(served, files)
        files.issue(authority, "new.example")
        certificate.reload()
        late = await connect(served, files, "new.example")
        for client in (early, late):
            await client.send_all(b"PING\n")
            assert await hear(client, 5) == b"PONG\n"


def test_broken_files_leave_the_old_ones_in_use(files: Files, certificate: Certificate) -> None:
    context = certificate.context
    files.key.write_text("no key")
    with pytest.raises(ssl.SSLError):
        certificate.reload()
    files.key.unlink()
    with pytest.raises(FileNotFoundError):
        certificate.reload()
    assert certificate.context is context


def test_old_versions_are_refused(certificate: Certificate) -> None:
    assert certificate.context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_every_cipher_authenticates_and_forgets_its_key(certificate: Certificate) -> None:
    ciphers = certificate.context.get_ciphers()
    assert {one["protocol"] for one in ciphers} == {"TLSv1.2", "TLSv1.3"}
    for one in ciphers:
        assert one["aead"], one["name"]
        assert one["name"].startswith(("TLS_", "ECDHE-")), one["name"]


def test_a_key_with_a_password_asks_nobody(files: Files, tmp_path: Path) -> None:
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(ssl.SSLError):
        Certificate(str(files.chain), str(files.key))
