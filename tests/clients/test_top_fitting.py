"""`jobyard top` on screens of any size."""

from io import StringIO

import pytest
from rich.console import Console

from jobyard.blocking import BlockingClient
from jobyard.commands.watching import frame

LONG = "a-very-long-name-of-a-queue-that-goes-on-and-on-[red]"


@pytest.fixture
def filled(client: BlockingClient) -> BlockingClient:
    for name in (LONG, *(f"queue-{number:02}" for number in range(40))):
        client.publish(name, "t")
    return client


def drawn(client: BlockingClient, width: int, height: int | None = None) -> list[str]:
    out = StringIO()
    Console(file=out, width=width).print(frame(client, width, height))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (79, 5), (40, 20), (40, 4), (200, 50)])
def test_it_fits_and_says_what_does_not(filled: BlockingClient, width: int, height: int) -> None:
    lines = drawn(filled, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    heads = lines[1].split()
    assert (heads[0], heads[-1], "expired" in heads) == ("queue", "is", width >= 80)
    assert lines[2].startswith("a-very")
    shown = sum(line.startswith("queue-") for line in lines) + 1
    if shown < 41:
        assert f"and {41 - shown} more" in lines[-1]


def test_a_look_that_is_printed_has_every_queue(filled: BlockingClient) -> None:
    lines = drawn(filled, 140)
    assert len(lines) == 43
    assert LONG in lines[2]
