"""Queues: list, counts, workers, purge, pause, resume, drain, delete, kick, retry."""

from typing import Any, Final

from cyclopts import App

from jobyard.blocking import BlockingClient
from jobyard.commands.confirming import Yes, confirmed
from jobyard.commands.reach import FAILED, HERE, Reached, asked
from jobyard.commands.showing import cell, native, show, shown, table
from jobyard.job import STATES, Counts

app = App(name="queue", help="Look after queues.", help_format="plaintext")
HEADS: Final = ("queue", *STATES, "workers", "is")


def described(client: BlockingClient) -> list[dict[str, Any]]:
    """Every queue of the group, without its jobs."""
    found: list[dict[str, Any]] = client.execute("DESCRIBE_ALL", "JOBS", 0)["queues"]
    for queue in found:
        counted = queue["counts"]
        counted["states"] = dict(zip(STATES, counted["states"], strict=True))
        counted["types"] = {
            name: dict(zip(STATES, row, strict=True)) for name, row in counted["types"].items()
        }
    return found


def line(queue: dict[str, Any]) -> list[str]:
    """A queue in a table."""
    counts = queue["counts"]
    mood = "paused" if counts["paused"] else "draining" if counts["draining"] else "open"
    states = [str(count) for count in counts["states"].values()]
    return [cell(queue["name"]), *states, str(len(queue["workers"] or ())), mood]


@app.command(name="list")
def list_queues(*, reach: Reached = HERE) -> int:
    """Show every queue of the group.

    Args:
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        queues = described(client)
        show(queues, reach.output, table(HEADS, [line(queue) for queue in queues]))

    return asked(reach, say_it)


def counts(queue: str, /, *, reach: Reached = HERE) -> int:
    """Show how many jobs of each state and type a queue has.

    Args:
        queue: whose.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = client.counts(queue)
        show(found, reach.output, _counted(found))

    return asked(reach, say_it)


def _counted(found: Counts) -> str:
    rows = [["(all)", *(str(found.states[state]) for state in STATES)]]
    for kind, of in found.types.items():
        rows.append([cell(kind), *(str(of[state]) for state in STATES)])
    return table(("type", *STATES), rows)


@app.command
def workers(queue: str, /, *, reach: Reached = HERE) -> int:
    """Show who is subscribed to a queue.

    Args:
        queue: whose.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = native(client.workers(queue)["workers"])
        heads = ("name", "address", "credit", "holding", "types")
        rows = [
            [
                cell(one["name"]), cell(one["address"]), cell(one["credit"]),
                str(len(one["holding"])), cell(", ".join(one["types"])),
            ]
            for one in found
        ]  # fmt: skip
        show(found, reach.output, table(heads, rows))

    return asked(reach, say_it)


@app.command
def purge(queue: str, /, *, yes: Yes = False, reach: Reached = HERE) -> int:
    """Remove every job of a queue, held ones too.

    Args:
        queue: whose.
        yes: ask nothing; only a terminal is asked.
        reach: the server.
    """
    if not confirmed(f"Remove every job of {shown(queue)}", yes=yes):
        return FAILED
    return asked(reach, lambda client: client.purge(queue))


@app.command
def pause(queue: str, /, *, reach: Reached = HERE) -> int:
    """Hand out no more jobs of a queue; what is held goes on.

    Args:
        queue: which.
        reach: the server.
    """
    return asked(reach, lambda client: client.pause(queue))


@app.command
def resume(queue: str, /, *, reach: Reached = HERE) -> int:
    """Hand out jobs of a paused queue again, and take new ones into a draining one.

    Args:
        queue: which.
        reach: the server.
    """
    return asked(reach, lambda client: client.resume(queue))


@app.command
def drain(queue: str, /, *, reach: Reached = HERE) -> int:
    """Take no new jobs into a queue; those that are there are handed out until none is left.

    Args:
        queue: which.
        reach: the server.
    """
    return asked(reach, lambda client: client.drain(queue))


@app.command
def delete(queue: str, /, *, yes: Yes = False, reach: Reached = HERE) -> int:
    """Remove a queue with its jobs, recurrences and subscriptions.

    Args:
        queue: which.
        yes: ask nothing; only a terminal is asked.
        reach: the server.
    """
    if not confirmed(f"Remove {shown(queue)} with everything in it", yes=yes):
        return FAILED
    return asked(reach, lambda client: client.delete_queue(queue))


@app.command
def kick(queue: str, address: str | None = None, /, *, reach: Reached = HERE) -> int:
    """Unsubscribe a worker, or every one; what they hold comes back at once.

    Args:
        queue: whose.
        address: of one worker, as `queue workers` shows it; nothing: of all.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        if address is None:
            client.kick_all(queue)
        else:
            client.kick(queue, address)

    return asked(reach, say_it)


@app.command
def retry(queue: str, /, *, reach: Reached = HERE) -> int:
    """Make the jobs of a queue that wait after a failure ready at once.

    Args:
        queue: whose.
        reach: the server.
    """
    return asked(reach, lambda client: client.retry_failed_now(queue))


def move(job: str, queue: str, /, *, reach: Reached = HERE) -> int:
    """Put a job that waits or is over into another queue of the group, as it is.

    Args:
        job: its id.
        queue: where to; it is made if need be.
        reach: the server.
    """
    return asked(reach, lambda client: client.move(job, queue))
