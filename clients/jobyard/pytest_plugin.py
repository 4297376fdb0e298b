"""Fixtures for tests of programs that use Jobyard; pytest finds them by itself.

`jobyard_engine` is an engine in virtual time with the blocking client's methods, `jobyard_client`
the asynchronous methods on that engine, and `jobyard_script` answers what it is told to.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobyard.testing import AsyncFace, ScriptedClient, VirtualEngine


@pytest.fixture
def jobyard_engine() -> Iterator["VirtualEngine"]:
    """A `jobyard.testing.VirtualEngine`: publish, `advance(hours=3)`, `drain(worker)`, assert."""
    from jobyard.testing import VirtualEngine  # noqa: PLC0415 - only tests that ask for it pay

    with VirtualEngine() as engine:
        yield engine


@pytest.fixture
def jobyard_client(jobyard_engine: "VirtualEngine") -> "AsyncFace":
    """The asynchronous client's methods on `jobyard_engine`, under trio and under asyncio."""
    return jobyard_engine.client


@pytest.fixture
def jobyard_script() -> "ScriptedClient":
    """A `jobyard.testing.ScriptedClient` with an empty script: say `script(...)` first."""
    from jobyard.testing import ScriptedClient  # noqa: PLC0415 - the same

    return ScriptedClient()
