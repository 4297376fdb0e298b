"""What queues make on schedule: list, set, delete, pause, resume, run, preview."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from attrs import frozen
from cyclopts import App, Parameter

from jobyard.blocking import BlockingClient
from jobyard.commands.options import Payload, Whole, payload
from jobyard.commands.reach import HERE, Reached, asked
from jobyard.commands.showing import cell, native, show, table, when

app = App(name="recur", help="Look after what is made on schedule.", help_format="plaintext")
_HEADS: Final = ("number", "type", "schedule", "zone", "next", "is")


@frozen
class Firing:
    """When a schedule fires, beside its text."""

    zone: str | None = None
    """As in Europe/Paris; nothing: UTC."""
    missed: Literal["skip", "once"] | None = None
    """After a time without server: skip what was missed, or run it once."""
    overlap: Literal["allow", "skip"] | None = None
    """While the one before is not over: allow another, or skip it."""


PLAIN: Final = Firing()


@app.command(name="list")
def list_recurrences(queue: str, /, *, reach: Reached = HERE) -> int:
    """Show what a queue makes on schedule.

    Args:
        queue: whose.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = native(client.recurrences(queue)["recurrences"])
        show(found, reach.output, table(_HEADS, [_row(one) for one in found]))

    return asked(reach, say_it)


def _row(one: dict[str, Any]) -> list[str]:
    return [
        cell(one["number"]), cell(one["type"]), cell(one["cron"]), cell(one["zone"] or "UTC"),
        when(one["next_tick"]), "paused" if one["paused"] else "on",
    ]  # fmt: skip


@app.command(name="set")
def declare(
    queue: str,
    type: str,  # noqa: A002 - the field's name
    schedule: str,
    payload_: Payload = None,
    /,
    *,
    file: Path | None = None,
    firing: Annotated[Firing, Parameter(name="*")] = PLAIN,
    reach: Reached = HERE,
) -> int:
    """Declare what a queue makes on schedule; the same type again changes it.

    Args:
        queue: where to.
        type: of the jobs.
        schedule: as in "0 7 * * 1-5" or "@every 90s".
        payload_: what the jobs carry; - reads stdin.
        file: a file with that.
        firing: everything else.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        body = payload(payload_, file) or b""
        made = client.set_recurrence(
            queue, type, schedule, body,
            zone=firing.zone, missed=firing.missed, overlap=firing.overlap,
        )  # fmt: skip
        show(made, reach.output, cell(made["number"]))

    return asked(reach, say_it)


@app.command
def delete(queue: str, number: Whole, /, *, reach: Reached = HERE) -> int:
    """End a recurrence.

    Args:
        queue: whose.
        number: as `recur list` shows it.
        reach: the server.
    """
    return asked(reach, lambda client: client.drop_recurrence(queue, number))


@app.command
def pause(queue: str, number: Whole, /, *, reach: Reached = HERE) -> int:
    """Keep a recurrence from firing.

    Args:
        queue: whose.
        number: as `recur list` shows it.
        reach: the server.
    """
    return asked(reach, lambda client: client.pause_recurrence(queue, number))


@app.command
def resume(queue: str, number: Whole, /, *, reach: Reached = HERE) -> int:
    """Let a paused recurrence fire again.

    Args:
        queue: whose.
        number: as `recur list` shows it.
        reach: the server.
    """
    return asked(reach, lambda client: client.pause_recurrence(queue, number, paused=False))


@app.command
def run(queue: str, number: Whole, /, *, reach: Reached = HERE) -> int:
    """Make the job of a recurrence now, beside its schedule, and print its id.

    Args:
        queue: whose.
        number: as `recur list` shows it.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        made = client.run_recurrence(queue, number)
        show(made, reach.output, cell(made["job"]))

    return asked(reach, say_it)


@app.command
def preview(schedule: str, /, *, n: Whole = 5, zone: str = "", reach: Reached = HERE) -> int:
    """Show the next times of a schedule that is declared nowhere.

    Args:
        schedule: as in "0 7 * * 1-5" or "@every 90s".
        n: how many.
        zone: as in Europe/Paris; nothing: UTC.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        ticks = client.preview_cron(schedule, n, zone)["ticks"]
        show(ticks, reach.output, "\n".join(map(when, ticks)))

    return asked(reach, say_it)
