"""Servers as processes, and clients on real sockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.acceptance.line import Line
from tests.acceptance.served import Server

Serve = Callable[..., Server]
Connect = Callable[..., Line]


@pytest.fixture
def prepare(tmp_path: Path) -> Iterator[Serve]:
    """Make servers that do not run yet; each has a folder of its own and is ended afterwards."""
    with ExitStack() as ending:
        numbers = count()

        def make(said: dict[str, Any] | None = None) -> Server:
            folder = tmp_path / f"server-{next(numbers)}"
            folder.mkdir()
            server = Server(folder, said)
            ending.callback(server.close)
            return server

        yield make


@pytest.fixture
def serve(prepare: Serve) -> Serve:
    """Start servers on the default store."""
    return lambda said=None: prepare(said).start()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that leaves it as it was; it must live to the end."""
    server = Server(tmp_path_factory.mktemp("shared")).start()
    yield server
    assert server.process is not None
    assert server.process.poll() is None, server.log.text
    server.close()


@pytest.fixture
def connect(shared: Server) -> Iterator[Connect]:
    """Logged-in clients, of the shared server unless another is named."""
    with ExitStack() as closing:

        def make(server: Server = shared) -> Line:
            return closing.enter_context(Line.to(server.port)).log_in()

        yield make


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    """A queue that no other test uses."""
    name: str = request.node.name
    return "".join(letter if letter.isalnum() else "-" for letter in name)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the certificates of these tests."""
    return trustme.CA()


def issue(
    authority: trustme.CA, folder: Path, kind: trustme.KeyType = trustme.KeyType.ECDSA
) -> dict[str, str]:
    """Put a new certificate into a folder; the section `tls` without its port."""
    issued = authority.issue_cert("localhost", "127.0.0.1", key_type=kind)
    issued.private_key_pem.write_to_path(folder / "key.pem")
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    (folder / "chain.pem").write_bytes(chain)
    return {"certificate": str(folder / "chain.pem"), "key": str(folder / "key.pem")}


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The section `tls` of the servers that need one, without its port."""
    return issue(authority, tmp_path_factory.mktemp("certificate"))
