"""P12: JSON-RPC pipelined on one connection, beside the engine without a socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from time import perf_counter
from typing import Final

import trio

from engine import open_store, run_engine
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.in_process import BURST, PUBLISH, WARM, WHO, Burst
from tests.benchmarks.load import LoadError
from tests.benchmarks.servers import Jobyard, free_port, started

GOAL: Final = Goal(50_000, unit="/s")
ENQUEUE: Final = (
    b'{"jsonrpc":"2.0","method":"enqueue","params":'
    b'{"queue":"bench","type":"t","payload":"%b"},"id":1}\n' % (b"x" * 100)
)
COUNTS: Final = b'{"jsonrpc":"2.0","method":"counts","params":["bench"],"id":1}\n'
BLOCK: Final = 500
"""Calls that are written at once."""
CHUNK: Final = 1 << 18


def rpc(bench: Bench) -> Iterator[Figure]:
    """P12."""
    publishes, reads, alone = bench.in_turns(
        partial(calls, bench, ENQUEUE),
        partial(calls, bench, COUNTS),
        partial(trio.run, publishes_per_second, bench.load.seconds),
    )
    words = "JSON-RPC pipelined on one connection, memory: "
    yield Figure("P12", f"{words}enqueue", "/s", publishes, GOAL, alone, "engine in process")
    yield Figure("P12", f"{words}counts", "/s", reads, GOAL)


def calls(bench: Bench, call: bytes) -> float:
    """Calls answered per second by a fresh server of ours that keeps nothing."""
    ours, lines, port = Jobyard(bench.folder), free_port(), free_port()
    words = [*ours.command("memory", lines), "--rpc", f"127.0.0.1:{port}"]
    with (
        started(words, port, ours.log(lines)),
        closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client,
    ):
        client.sendall(ENQUEUE)
        if b'"result"' not in client.recv(CHUNK):
            raise LoadError("a call was not answered with a result")
        sending = threading.Thread(target=_send, args=(client, call * BLOCK), daemon=True)
        sending.start()
        _count(client, WARM * bench.load.seconds)
        rate = _count(client, bench.load.seconds)
        client.shutdown(socket.SHUT_RDWR)
        sending.join()
        return rate


def _send(client: socket.socket, block: bytes) -> None:
    with suppress(OSError):  # the connection ends when enough was counted
        while True:
            client.sendall(block)


def _count(client: socket.socket, seconds: float) -> float:
    answered, start = 0, perf_counter()
    while perf_counter() - start < seconds:
        chunk = client.recv(CHUNK)
        if not chunk or b'"error"' in chunk:
            raise LoadError("the server did not answer every call")
        answered += chunk.count(b"\n")
    return answered / (perf_counter() - start)


async def publishes_per_second(seconds: float) -> float:
    """What the engine takes where nothing is between: publishes in bursts."""

    async def timed(limit: float) -> float:
        start, made = perf_counter(), 0
        while perf_counter() - start < limit:
            burst = Burst(BURST)
            for _ in range(BURST):
                engine.submit(WHO, PUBLISH, burst)
            await burst.whole.wait()
            made += BURST
        return made / (perf_counter() - start)

    async with open_store(None) as store, run_engine(store) as engine:
        await timed(WARM * seconds)
        return await timed(seconds)
