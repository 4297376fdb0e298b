"""What tests of reserves over several queues share."""

from engine.commands import ReserveAny
from engine.directory import Directory
from tests.support.desk import WHO, Box, Worker, publish

ALL = ("a", "b", "c")


async def make(engine: Directory, *queues: str) -> None:
    """Have the queues exist, with nothing to take."""
    for queue in queues:
        await publish(engine, queue, kind="other")


def wait_for_any(engine: Directory, wait: float = 30.0, who: Worker | None = None) -> Box:
    """Where the one job will come from whichever of the queues."""
    box = Box()
    command = ReserveAny(ALL, ("t",), wait=wait)
    engine.submit(WHO if who is None else who.who, command, box)
    return box
