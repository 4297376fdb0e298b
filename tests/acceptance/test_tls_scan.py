"""What sslscan finds at the encrypted listeners: no old protocol, weak cipher or known hole."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

import pytest
import trustme

from frontends.certificate import Certificate
from tests.acceptance.conftest import issue
from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings

pytestmark = pytest.mark.skipif(
    shutil.which("sslscan") is None, reason="sslscan is not installed (Debian: sslscan)"
)
SECONDS: Final = 60.0
"""For a scan, which takes one on an idle machine."""
SOUND: Final = {"strong", "acceptable"}


@pytest.fixture(scope="module", params=trustme.KeyType, ids=lambda kind: kind.name)
def encrypted(
    tmp_path_factory: pytest.TempPathFactory,
    authority: trustme.CA,
    request: pytest.FixtureRequest,
) -> Iterator[Server]:
    """A server with the line protocol and HTTP under TLS, with a certificate of each kind."""
    folder = tmp_path_factory.mktemp("scanned")
    files = issue(authority, folder, request.param)
    said = settings(tls={**files, "port": 0}, http={"tls_port": 0})
    server = Server(folder, said).start()
    yield server
    server.close()


@pytest.fixture(scope="module", params=["lines", "https"])
def found(encrypted: Server, request: pytest.FixtureRequest) -> ET.Element:
    """What the program says of one listener."""
    serving = encrypted.log.event("serving")
    assert serving is not None
    address = serving["lines"][1] if request.param == "lines" else serving["http"][-1]
    words = ["sslscan", "--no-colour", "--xml=-", address]
    said = subprocess.run(words, capture_output=True, timeout=SECONDS, check=True).stdout
    scan = ET.fromstring(said).find("ssltest")
    assert scan is not None
    return scan


def test_only_what_is_not_broken_is_spoken(found: ET.Element) -> None:
    spoken = {
        f"{one.get('type')} {one.get('version')}": one.get("enabled")
        for one in found.iter("protocol")
    }
    old = dict.fromkeys(("ssl 2", "ssl 3", "tls 1.0", "tls 1.1"), "0")
    assert spoken == {**old, "tls 1.2": "1", "tls 1.3": "1"}


def test_no_cipher_is_weak(found: ET.Element) -> None:
    ciphers = list(found.iter("cipher"))
    assert {one.get("sslversion") for one in ciphers} == {"TLSv1.2", "TLSv1.3"}
    for one in ciphers:
        name = one.get("cipher", "")
        assert int(one.get("bits", "0")) >= 128, name
        assert one.get("strength") in SOUND, name
        assert name.startswith(("TLS_", "ECDHE-")), "a stolen key would open what was recorded"
        assert "GCM" in name or "POLY1305" in name, "it is not authenticated as a whole"


def test_nothing_known_is_open(found: ET.Element) -> None:
    renegotiation = found.find("renegotiation")
    assert renegotiation is not None
    assert renegotiation.get("supported") == "0"
    bled = [one.get("vulnerable") for one in found.iter("heartbleed")]
    assert bled == ["0", "0"]
    assert all(one.get("supported") == "0" for one in found.iter("compression"))


def test_nothing_is_compressed(certificate: dict[str, str]) -> None:
    context = Certificate(certificate["certificate"], certificate["key"]).context
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.usefixtures("found")
def test_a_scan_trips_nothing(encrypted: Server) -> None:
    with Line.to(encrypted.port) as client:
        assert client.ask("PING") == "PONG"
    assert not [line for line in encrypted.log.lines if '"level": "error"' in line]
