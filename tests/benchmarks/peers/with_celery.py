"""Celery: as many processes as there are cores; no results are kept."""
# The peers live in an environment of their own, where no type is checked.
# mypy: ignore-errors

from celery import Celery

from tests.benchmarks.peers.tally import PORT, worked

app = Celery(__name__, broker=f"redis://127.0.0.1:{PORT}/0")
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="no_op")
def no_op(payload: str) -> None:
    """Do nothing."""
    worked()


def send(payload: str) -> int:
    """Enqueue one."""
    no_op.delay(payload)
    return 1
