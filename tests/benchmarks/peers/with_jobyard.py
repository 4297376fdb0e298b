"""Ourselves: the blocking client with bulks of a thousand, and one worker on asyncio.

Its credit is what keeps both busy: while the server writes one part to disk, it works off another.
"""

import sys
from typing import Final

from jobyard import BlockingClient, NewJob, Running, Worker
from jobyard.working import run
from tests.benchmarks.peers.tally import PORT, worked

SERVER: Final = f"jobyard://bench:bench@127.0.0.1:{PORT}/bench"
BULK: Final = 1_000
client: Final = BlockingClient(SERVER)
worker: Final = Worker(SERVER, "bench", concurrency=100, credit=500)


@worker.task("no_op")
async def no_op(job: Running) -> None:
    """Do nothing."""
    worked()


def send(payload: str) -> int:
    """Enqueue a bulk."""
    jobs = [NewJob("no_op", payload) for _ in range(BULK)]
    return len(client.publish_many("bench", jobs))


if __name__ == "__main__":
    sys.exit(run(worker))
