"""A clock for sockets, and certificates: one authority for a module, new files for each test."""

import ssl
from pathlib import Path

import pytest
import trustme
from trio.testing import MockClock

from frontends.certificate import Certificate
from tests.frontends.tcp.encrypted import Files


@pytest.fixture
def jumping_clock() -> MockClock:
    """A clock that jumps when nothing happens; sockets, unlike tasks, may need a moment for it."""
    return MockClock(autojump_threshold=0.05)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Files:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    made = Files(tmp_path / "chain.pem", tmp_path / "key.pem", trust)
    made.issue(authority, "old.example")
    return made


@pytest.fixture
def certificate(files: Files) -> Certificate:
    return Certificate(str(files.chain), str(files.key))
