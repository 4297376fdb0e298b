"""What one waiting job weighs in memory, by the line of ours that made it."""

import gc
import sys
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Final

import trio

from engine import open_store, run_engine
from engine.commands import NewJob, PublishMany
from tests.benchmarks.in_process import PAYLOAD, QUEUE, WHO
from tests.benchmarks.servers import ROOT
from tests.support.tables import Form

BULK: Final = 500
SHOWN: Final = 0.5
"""Bytes a job below which a line is not worth showing."""


async def _weigh(jobs: int) -> Counter[str]:
    """Bytes that are alive after so many were published and were not before, by line."""
    async with open_store(None) as store, run_engine(store) as engine:

        async def publish(count: int) -> None:
            for _ in range(0, count, BULK):
                new = tuple(NewJob("t", bytes(PAYLOAD)) for _ in range(BULK))
                await engine.execute(WHO, PublishMany(QUEUE, new))

        await publish(BULK)
        gc.collect()
        tracemalloc.start()
        await publish(jobs)
        gc.collect()
        found = tracemalloc.take_snapshot()
        tracemalloc.stop()
    lines: Counter[str] = Counter()
    for each in found.statistics("lineno"):
        frame = each.traceback[0]
        file = Path(frame.filename)
        if file.is_relative_to(ROOT / "engine"):
            lines[f"{file.relative_to(ROOT)}: `{_source(file, frame.lineno)}`"] += each.size
    return lines


def _source(file: Path, line: int) -> str:
    return file.read_text("utf-8").split("\n")[line - 1].strip()


def memory(jobs: int, form: Form) -> str:
    """A table: bytes a waiting job beside its payload, whose bytes are all one object here.

    The memory store's own rows are in it; the default store keeps them on disk.
    """
    lines = trio.run(_weigh, jobs - jobs % BULK or BULK)
    made = jobs - jobs % BULK or BULK
    rows = [
        (line, f"{size / made:.1f}") for line, size in lines.most_common() if size / made >= SHOWN
    ]
    whole = sum(lines.values()) / made
    head = (f"bytes a waiting job, of {made:,}, Python {sys.version.split()[0]}", "bytes")
    return form([head, *rows, ("**all of it**", f"**{whole:.1f}**")], [])
