"""huey: a consumer with threads; no results are kept."""
# The peers live in an environment of their own, where no type is checked.
# mypy: ignore-errors

from huey import RedisHuey

from tests.benchmarks.peers.tally import PORT, worked

app = RedisHuey("bench", host="127.0.0.1", port=PORT, results=False)


@app.task()
def no_op(payload: str) -> None:
    """Do nothing."""
    worked()


def send(payload: str) -> int:
    """Enqueue one."""
    no_op(payload)
    return 1
