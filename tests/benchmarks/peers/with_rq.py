"""RQ: a worker that does not fork for each job, its fastest; no results are kept."""
# The peers live in an environment of their own, where no type is checked.
# mypy: ignore-errors

from redis import Redis
from rq import Queue

from tests.benchmarks.peers.tally import PORT, worked

queue = Queue("bench", connection=Redis("127.0.0.1", PORT))


def no_op(payload: str) -> None:
    """Do nothing."""
    worked()


def send(payload: str) -> int:
    """Enqueue one."""
    queue.enqueue(no_op, payload, result_ttl=0)
    return 1
