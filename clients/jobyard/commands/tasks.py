"""Tasks, as qmanager's programs know them: jobs of the queue that the RPC port works on."""

from pathlib import Path
from typing import Any, Final

from cyclopts import App

from jobyard.blocking import BlockingClient
from jobyard.commands.options import Payload, payload
from jobyard.commands.reach import HERE, Reached, asked
from jobyard.commands.showing import cell, show
from jobyard.errors import BadArgument
from jobyard.job import Job

QUEUE: Final = "tasks"
"""What `rpc.queue` is unless the settings say otherwise."""
app = App(name="task", help="Add tasks and read what came of them.", help_format="plaintext")


@app.command
def add(
    type: str,  # noqa: A002 - the field's name
    input_: Payload = None,
    /,
    *,
    file: Path | None = None,
    queue: str = QUEUE,
    reach: Reached = HERE,
) -> int:
    """Add a task and print its id; a worker written in Go gets the input as a string.

    Args:
        type: what kind of task.
        input_: its input; - reads stdin.
        file: a file with the input.
        queue: where to: the server's `rpc.queue`.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        content = payload(input_, file)
        if not type:
            raise BadArgument("missing task type")
        if content is None:
            raise BadArgument("missing input parameters: PAYLOAD, or --file")
        made = client.publish(queue, type, content)
        show({"id": made.job}, reach.output, cell(made.job))

    return asked(reach, say_it)


@app.command
def get(task: str, /, *, reach: Reached = HERE) -> int:
    """Show the state of a task, and its output once it is done.

    Other than over RPC, reading does not shorten how long the output stays.

    Args:
        task: its id.
        reach: the server.
    """
    return asked(reach, lambda client: show(_told(client.get(task)), reach.output))


def _told(job: Job) -> dict[str, Any]:
    """A job in the words of tasks."""
    return {
        "id": job.id,
        "type": job.type,
        "state": job.state,
        "input": job.payload,
        "output": job.result,
        "error": job.error,
    }
