"""dramatiq: processes with eight threads each."""
# The peers live in an environment of their own, where no type is checked.
# mypy: ignore-errors

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from tests.benchmarks.peers.tally import PORT, worked

dramatiq.set_broker(RedisBroker(host="127.0.0.1", port=PORT))


@dramatiq.actor
def no_op(payload: str) -> None:
    """Do nothing."""
    worked()


def send(payload: str) -> int:
    """Enqueue one."""
    no_op.send(payload)
    return 1
