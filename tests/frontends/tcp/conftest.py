"""Certificates: one authority for all tests of a module, new files for each."""

import ssl
from pathlib import Path

import pytest
import trustme

from frontends.tcp.tls import Certificate
from tests.frontends.tcp.encrypted import Files


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
