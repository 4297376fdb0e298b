"""A clock for deadlines of sockets, and no test that waits for ever."""

import pytest
from trio.testing import MockClock


@pytest.fixture
def jumping_clock() -> MockClock:
    """A clock that jumps when nothing happens; sockets, unlike tasks, may need a moment for it."""
    return MockClock(autojump_threshold=0.05)
