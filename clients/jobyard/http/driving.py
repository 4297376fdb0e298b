"""A conversation carried out in an event loop."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from jobyard.errors import ConnectionLost, Unreachable
from jobyard.http.asking import Request
from jobyard.http.hearing import Heard
from jobyard.http.talking import Pause, Talk

T = TypeVar("T")
Send = Callable[[Request], Awaitable[Heard]]


async def drive(talk: Talk[T], send: Send) -> T:
    """Send what the conversation says, until it is over."""
    heard: Heard | None
    try:
        step = next(talk)
        while True:
            try:
                if isinstance(step, Pause):
                    await anyio.sleep(step.seconds)
                    heard = None
                else:
                    heard = await send(step)
            except (Unreachable, ConnectionLost) as error:
                step = talk.throw(error)
            else:
                step = talk.send(heard)
    except StopIteration as over:
        answer: T = over.value
        return answer
