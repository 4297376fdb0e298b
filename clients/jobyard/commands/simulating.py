"""`jobyard simulate`: random jobs through several doors, with figures while it lasts."""

import signal
import time
from typing import TYPE_CHECKING, Annotated, Final

from attrs import asdict, frozen
from cyclopts import Parameter

from jobyard.commands.options import Seconds, Whole
from jobyard.commands.reach import FAILED, HERE, OK, Reached, address, told
from jobyard.commands.showing import Output, say, show, table
from jobyard.errors import BadArgument

if TYPE_CHECKING:
    from rich.text import Text

    from jobyard.simulation.running import Simulation

RATE_MAX: Final = 1_000.0
JOBS_MAX: Final = 10_000
"""As many done jobs a queue keeps: each can be found again."""
SECONDS_MAX: Final = 3_600.0
WORKERS_MAX: Final = 100
_EVERY: Final = 1.0
"""Seconds between two lines."""
_DRAWN: Final = 0.25
"""And between two pictures on a terminal."""


@frozen
class Course:
    """What a run is made of; times in seconds."""

    through: str = "tcp"
    """The doors: tcp, http, rpc, or several with commas."""
    queue: str = "simulation"
    """Where the jobs go."""
    rate: Seconds = 20.0
    """Jobs a second, through all doors together."""
    seconds: Seconds = 10.0
    """Of publishing, at most."""
    jobs: Whole = JOBS_MAX
    """To publish, at most."""
    seed: Whole = 1
    """Another one makes other jobs."""
    workers: Whole = 4
    """Operations that run at once."""
    no_workers: Annotated[bool, Parameter(negative="")] = False
    """Leave the work to others."""
    settle: Seconds = 30.0
    """What the workers have at most once the last job is published."""
    http_port: Whole = 8952
    """Of the server."""
    rpc_port: Whole = 8090
    """Of the server, which serves RPC only if it is told to."""


PLAIN: Final = Course()


def simulate(
    *, course: Annotated[Course, Parameter(name="*")] = PLAIN, reach: Reached = HERE
) -> int:
    """Publish random jobs, have them worked off, and account for every one of them.

    The jobs are for the operations of jobyard.examples; some cannot be done, and fail. It ends by
    itself; Ctrl-C ends the publishing, and again the waiting. The exit code is 1 if anything that
    was published is in no state at the end.

    Args:
        course: how much of what.
        reach: the server.
    """

    def run() -> int:
        from jobyard.simulation import doors, running  # noqa: PLC0415 - loads clients and anyio

        _check(course)
        plan = running.Plan(
            doors.doors(course.through), course.queue, course.rate, course.jobs, course.seconds,
            course.seed, 0 if course.no_workers else course.workers, course.settle,
        )  # fmt: skip
        server = doors.Server(address(reach), course.http_port, course.rpc_port)
        simulation = running.Simulation(plan, server)
        _run(simulation, reach.output)
        return _reported(simulation, reach.output)

    return told(run)


def _check(course: Course) -> None:
    if not 0.1 <= course.rate <= RATE_MAX:
        raise BadArgument(f"--rate is 0.1 to {RATE_MAX:g} jobs a second")
    if not 1 <= course.jobs <= JOBS_MAX:
        raise BadArgument(f"--jobs is 1 to {JOBS_MAX}")
    if not 0 < course.seconds <= SECONDS_MAX or course.settle > SECONDS_MAX:
        raise BadArgument(f"--seconds is more than 0; it and --settle are {SECONDS_MAX:g} at most")
    if not 0 <= course.workers <= WORKERS_MAX:
        raise BadArgument(f"--workers is 0 to {WORKERS_MAX}")
    if not all(1 <= port <= 65_535 for port in (course.http_port, course.rpc_port)):
        raise BadArgument("a port is 1 to 65535")


def _run(simulation: "Simulation", output: Output) -> None:
    import anyio  # noqa: PLC0415 - only this command needs it
    from anyio.abc import TaskStatus  # noqa: PLC0415 - the same

    from jobyard.background import background  # noqa: PLC0415 - the same

    async def listen(*, task_status: TaskStatus[None]) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            task_status.started()
            async for _ in signals:
                simulation.stop()

    async def body() -> None:
        async with background() as behind:
            await behind.start(listen)
            if output == "table":
                behind.start_soon(_look_on, simulation)
            await simulation.run()

    anyio.run(body)


async def _look_on(simulation: "Simulation") -> None:
    """Show the figures until cancelled."""
    import anyio  # noqa: PLC0415 - the same
    from rich.console import Console  # noqa: PLC0415 - only people need pictures
    from rich.live import Live  # noqa: PLC0415 - the same

    console, begin = Console(highlight=False), time.monotonic()
    if not console.is_terminal:
        while True:
            await anyio.sleep(_EVERY)
            say(_figures(simulation, time.monotonic() - begin))
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(_picture(simulation, time.monotonic() - begin), refresh=True)
            await anyio.sleep(_DRAWN)


def _picture(simulation: "Simulation", seconds: float) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - the same

    heads, rows = zip(
        *((row.door, str(row.published)) for row in simulation.account.rows()), strict=True
    )
    return Text(f"{_figures(simulation, seconds)}\n{table(heads, [rows])}", no_wrap=True)


def _figures(simulation: "Simulation", seconds: float) -> str:
    published = simulation.account.published
    states = "  ".join(f"{state} {count}" for state, count in simulation.states.items() if count)
    refused = f"  refused {simulation.account.refused}" if simulation.account.refused else ""
    return f"{seconds:.0f} s  {simulation.phase}  published {published}{refused}  {states}".rstrip()


def _reported(simulation: "Simulation", output: Output) -> int:
    from jobyard.simulation import account  # noqa: PLC0415 - loaded by now

    rows, whole = simulation.account.rows(), simulation.account.whole
    text = table(account.HEADS, [account.cells(row) for row in rows])
    verdict = (
        "Everything that was published is accounted for."
        if whole
        else "Not everything that was published is accounted for."
    )
    show([asdict(row) for row in rows], output, f"{text}\n{verdict}")
    return OK if whole else FAILED
