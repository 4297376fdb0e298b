"""The row about clients that mean no good, and the one among them that does."""

import random
import resource
import signal
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial

import trio

from tests.acceptance.served import GROUP, PASSWORD, USER, Server, settings
from tests.acceptance.test_http_stopping import port as web_port
from tests.acceptance.test_stopping import EXITING, GRACE, stubborn
from tests.benchmarks.figures import Goal
from tests.benchmarks.load import Load, Measurement, Work, compile_load
from tests.scoreboard.lines import Entry, Line
from tests.scoreboard.trial import Trial

SECONDS = 20.0
SLOW = 100
HALVES = 200
NON_READERS = 5
IDLE = 5_000
FLOODS = 2
SPARE = 1_000
"""Open files beside those of the crowd."""
WARM = 1.0
PING_MS = 20.0
HEAD = (
    b"POST /api/v2/queues/q/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
)
BODY = HEAD + b"Content-Length: 100000\r\n\r\n"


async def trickle(port: int, begun: bytes, rest: bytes) -> None:
    """Say a beginning, then a byte at a time, and come back when thrown out."""
    while True:
        with suppress(OSError, trio.BrokenResourceError):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                await stream.send_all(begun)
                while True:
                    await trio.sleep(0.2)
                    await stream.send_all(rest)
        await trio.sleep(0.2)


async def flood(port: int, chance: random.Random) -> None:
    """Connect, say something that is no command or nothing at all, and go without a word."""
    while True:
        with suppress(OSError, trio.BrokenResourceError):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                await stream.send_all(chance.randbytes(chance.randrange(1, 60)))
        await trio.lowlevel.checkpoint()


@asynccontextmanager
async def annoyed(server: Server, trial: Trial) -> AsyncGenerator[int]:
    """All of them, until the block ends; how many there are."""
    lines, web = server.port, web_port(server)
    slow, halves = trial.count(SLOW, 3), trial.count(HALVES, 5)
    readers = trial.count(NON_READERS, 1)
    with ExitStack() as held:
        for _ in range(readers):
            held.enter_context(stubborn(server))
        async with trio.open_nursery() as crowd:
            for _ in range(slow):
                crowd.start_soon(trickle, web, HEAD, b"X")
                crowd.start_soon(trickle, web, BODY, b"x")
            for _ in range(halves):
                crowd.start_soon(trickle, lines, b"PUBLISH q t 'half", b"")
            for seed in range(FLOODS):
                crowd.start_soon(flood, (lines, web)[seed % 2], random.Random(seed))
            yield 2 * slow + halves + readers + FLOODS
            crowd.cancel_scope.cancel()


async def attacked(server: Server, load: Load, trial: Trial) -> tuple[Measurement, int, float]:
    """What PINGs took meanwhile, how many annoyed the server, and how long it took to stop."""
    seconds, idle = trial.count(int(SECONDS), 2), trial.count(IDLE, 20)
    pings = Work("ping", connections=1, gap=1000, seconds=seconds, warm=WARM)
    async with annoyed(server, trial) as crowd:
        with load.hold(server.port, idle):
            await trio.sleep(WARM)
            run = partial(load.run, pings, server.port)
            measured = await trio.to_thread.run_sync(run)
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        await trio.to_thread.run_sync(server.wait)
        return measured, crowd + idle, time.monotonic() - began


def hostile(trial: Trial) -> Iterator[Entry]:
    """Slow heads, slow bodies, half lines, non-readers, an idle crowd and a flood, all at once."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    login = f"AUTH {USER} {PASSWORD};USE_GROUP {GROUP}"
    load = Load(compile_load(trial.folder), login=login)
    server = Server(trial.folder, settings(http={"port": 0}, stop={"grace": GRACE})).start()
    try:
        measured, crowd, stop = trio.run(attacked, server, load, trial)
    finally:
        server.close()
    assert measured.p99_ms is not None
    by = f"{measured.done:,} PINGs"
    yield Line(
        row=trial.row, what="a well-behaved client's p99", value=measured.p99_ms, unit="ms",
        trials=crowd, of="hostile clients", goal=Goal(PING_MS, at_least=False), by=by,
    )  # fmt: skip
    yield Line(
        row=trial.row, what="SIGTERM to the end", value=round(stop, 2), unit="s",
        trials=crowd, of="hostile clients", goal=Goal(GRACE + EXITING, at_least=False),
        by=f"a grace of {GRACE:g} s",
    )  # fmt: skip
