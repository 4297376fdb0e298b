"""Who waits for the end of many jobs at once, in the server's own process."""

from functools import partial
from typing import Final

import trio

from engine.access import caller
from engine.commands import Wait
from engine.directory import Directory
from engine.job import TERMINAL
from engine.replies import OneJob
from jobyard.soak.house import GROUP, USER, House
from jobyard.soak.story import Over, Story

LOOKS: Final = 0.1
"""Seconds between two looks for jobs that are new."""
WAITS: Final = 2.0


class Insider:
    """Has a task for each job that somebody was told of, until it is over or the server ends."""

    def __init__(self, house: House, story: Story) -> None:
        self._house = house
        self._story = story

    async def run(self) -> None:
        """Go on until it is calm."""
        story, known = self._story, 0
        async with trio.open_nursery() as waits:
            while not story.calm:
                await trio.sleep(LOOKS)
                engine = self._house.engine
                new, known = list(story.jobs)[known:], len(story.jobs)
                for job in new if engine is not None else ():
                    assert engine is not None
                    waits.start_soon(partial(self._wait, engine, job))
            waits.cancel_scope.cancel()

    async def _wait(self, engine: Directory, job: str) -> None:
        sent = trio.current_time()
        with trio.move_on_after(2 * WAITS):
            reply = await engine.execute(caller(USER, GROUP), Wait(job, WAITS))
            if isinstance(reply, OneJob) and reply.job.state in TERMINAL:
                state = reply.job.state.name.lower()
                self._story.witness(Over(job, state, sent, trio.current_time()))
