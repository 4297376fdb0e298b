"""The same under TLS: one protocol, a handshake with a deadline, a certificate that is renewed."""

import ssl
from pathlib import Path

import pytest
import trio
import trustme
from trio.testing import MockClock

from frontends.certificate import Certificate
from tests.frontends.http.web import (
    HELLO,
    Toy,
    asking,
    handshake,
    rest,
    served_tls,
    settled,
    status,
    until,
)

NAME = "old.example"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> Certificate:
    issued = authority.issue_cert(NAME)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    issued.private_key_pem.write_to_path(key)
    for blob in issued.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    return Certificate(str(chain), str(key), ("http/1.1",))


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [(["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)],
)
async def test_http_one_is_what_is_agreed_on(
    certificate: Certificate, trust: ssl.SSLContext, offered: list[str], agreed: str | None
) -> None:
    if offered:
        trust.set_alpn_protocols(offered)
    toy = Toy()
    certificate.reload()
    async with served_tls(certificate, 10, toy) as web, await handshake(web, trust) as client:
        assert client.selected_alpn_protocol() == agreed
        for path, end in (("/hello", HELLO), ("/login", b"</html>")):
            await client.send_all(asking(path))
            assert status(await until(client, end)) == 200
        assert toy.requests[0].encrypted


async def test_who_offers_only_http_two_gets_no_http_two(
    certificate: Certificate, trust: ssl.SSLContext
) -> None:
    trust.set_alpn_protocols(["h2"])
    async with served_tls(certificate, 10, Toy()) as web, await handshake(web, trust) as client:
        await client.send_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert status(await rest(client)) == 505


async def test_an_answer_that_ends_the_connection_ends_it(
    certificate: Certificate, trust: ssl.SSLContext
) -> None:
    async with served_tls(certificate, 10, Toy()) as web:
        async with await handshake(web, trust) as client:
            await client.send_all(asking("/hello", Connection="close"))
            assert (await rest(client)).endswith(HELLO)
        await settled()
        assert web.statistics.connections == 0


async def test_a_handshake_has_a_deadline_and_clear_text_is_none(
    jumping_clock: MockClock, certificate: Certificate
) -> None:
    async with served_tls(certificate, 10, Toy()) as web:
        assert await web.talk() == b""
        assert trio.current_time() == pytest.approx(10, abs=1)
        assert HELLO not in await web.talk(asking("/hello"))
        await settled()
        assert web.statistics.handshakes_failed == 2
        assert web.statistics.connections == 0


async def test_the_end_closes_who_is_idle_under_tls(
    certificate: Certificate, trust: ssl.SSLContext
) -> None:
    async with served_tls(certificate, 10, Toy()) as web, await handshake(web, trust) as client:
        await client.send_all(asking("/hello"))
        await until(client, HELLO)
        await web.server.drain(1)
        assert await rest(client) == b""


async def test_a_handshake_does_not_hold_up_the_end(
    jumping_clock: MockClock, certificate: Certificate
) -> None:
    async with served_tls(certificate, 100, Toy()) as web:
        silent = await web.connect()
        await settled()
    assert trio.current_time() < 5
    assert await rest(silent) == b""
    await silent.aclose()
