"""A client outside of its block."""

import math

import pytest

from jobyard.client import Client
from jobyard.errors import Unreachable
from tests.clients.loops import both_loops, under
from tests.clients.yard import Yard


@both_loops
def test_a_client_that_is_not_open_says_so_at_once(loop: str) -> None:
    async def body() -> None:
        client = Client(yard.url, patience=math.inf)
        for _ in range(2):
            for call in (client.publish("q", "t"), client.reserve("q"), client.call_many([])):
                with pytest.raises(Unreachable, match="not open"):
                    await call
            with pytest.raises(Unreachable, match="not open"):
                async with client.subscribe("q"):
                    pass
            async with client:
                await client.publish("q", "t")

    with Yard() as yard:
        under(loop, body)
