"""Rows as processes: some at a time, those that go alone first, each within its limit."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import trio
from attrs import define, field

from tests.scoreboard.lines import DECODER, Entry, Failed, NotRun
from tests.scoreboard.rows import LONGEST_FIRST, ROWS, Row
from tests.scoreboard.trial import ROOT

LANES = 4
"""Two more than the processors: some rows mostly wait."""
ENDING = 5.0
"""Seconds that a row has to clear up after it was told to end."""
CLIENTS = ROOT / "clients"


@define
class Board:
    """What was found so far."""

    quick: bool = False
    log: Path | None = None
    """Where the rows' own output goes; None: nowhere."""
    rows: dict[str, Row] = field(factory=lambda: dict(ROWS))
    found: dict[str, list[Entry]] = field(factory=dict[str, list[Entry]])

    def entries(self, names: Iterable[str], unfinished: str = "interrupted") -> list[Entry]:
        """All of these rows, in the order of the table."""
        wanted = set(names)
        return [
            entry
            for name in self.rows
            if name in wanted
            for entry in self.found.get(name) or [NotRun(name, unfinished)]
        ]

    async def run(self, names: Iterable[str]) -> None:
        """The rows alone first, then the others side by side."""
        wanted = list(names)
        for name in wanted:
            if self.rows[name].alone:
                await self._row(name)
        early = [name for name in LONGEST_FIRST if name in wanted]
        waiting = [*early, *(name for name in wanted if name not in early)]
        waiting = [name for name in waiting if not self.rows[name].alone]
        async with trio.open_nursery() as lanes:
            for _ in range(LANES):
                lanes.start_soon(self._lane, waiting)

    async def _lane(self, waiting: list[str]) -> None:
        while waiting:
            await self._row(waiting.pop(0))

    async def _row(self, name: str) -> None:
        row = self.rows[name]
        missing = [program for program in row.needs if shutil.which(program) is None]
        if missing:
            self.found[name] = [NotRun(name, f"{', '.join(missing)} is not installed")]
            return
        began = time.monotonic()
        _tell(f"{name} …")
        with tempfile.TemporaryDirectory(prefix="jobyard-board-") as place:
            with trio.move_on_after(row.limit) as limit:
                await self._process(name, place)
            if limit.cancelled_caught:
                reason = f"ended after {row.limit:g} s"
                self.found[name] = [*self.found.get(name, []), Failed(name, reason)]
        if not self.found.get(name):
            self.found[name] = [Failed(name, "ended without a word")]
        _tell(f"{name}: {time.monotonic() - began:.0f} s")

    async def _process(self, name: str, place: str) -> None:
        words = [sys.executable, "-m", "tests.scoreboard.one", name]
        environment = {**os.environ, "TMPDIR": place, "PYTHONPATH": f"{ROOT}:{CLIENTS}"}
        with open(self.log or os.devnull, "ab") as said:  # noqa: ASYNC230, PTH123 -- opens at once
            process = await trio.lowlevel.open_process(
                [*words, *["--quick"] * self.quick],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=said, start_new_session=True,
            )  # fmt: skip
        assert process.stdout is not None
        try:
            rest = b""
            async for chunk in process.stdout:
                *lines, rest = (rest + chunk).split(b"\n")
                self.found.setdefault(name, []).extend(map(DECODER.decode, lines))
            await process.wait()
        finally:
            await _end(process)


async def _end(process: trio.Process) -> None:
    """End what a row left running, gently at first."""
    for number, patience in ((signal.SIGTERM, ENDING), (signal.SIGKILL, ENDING)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with trio.move_on_after(patience, shield=True):
            await process.wait()


def _tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")
    sys.stderr.flush()
