"""The queues that a settings file declares: what it says is so, also when it changes.

A queue that such a file declared and that no longer stands in it is removed with its jobs. So a
file counts only when it is whole: it could be read, has no mistake, and has rested for a moment.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import structlog
import trio

from config.loading import Loaded
from config.mistakes import SettingsError
from config.sections import JobEngine
from engine.access import Caller, Principal, caller
from engine.commands import DeleteQueue, SetAccess
from engine.queue_access import QueueAccess
from engine.replies import Refused, Reply

log = structlog.get_logger(__name__)

LOOK: Final = 2.0
"""Seconds between two looks at the files; a change is taken over at the second look after it."""

Load = Callable[[], Loaded]
Stamp = tuple[object, ...]


class Engine(Protocol):
    """What of the engine is needed here."""

    async def execute(self, who: Caller, command: object, request_id: str | None = None) -> Reply:
        """Submit and wait for the answer."""

    def access(self, group: str, queue: str) -> QueueAccess | None:
        """Who may use a queue; None: there is no such queue."""

    def queue_names(self, group: str) -> list[str]:
        """The queues of a group."""


async def take_over(engine: Engine, settings: JobEngine) -> None:
    """Make, change and remove queues until they are those that are declared; each is logged."""
    if settings.queues is None:
        return
    who = caller(Principal("settings", admin=True), settings.group)
    wanted = {queue.name: queue for queue in settings.queues}
    for name, queue in wanted.items():
        before = engine.access(settings.group, name)
        if before is not None and (before.readers, before.writers, before.declared) == (
            queue.read, queue.write, True,
        ):  # fmt: skip
            continue
        command = SetAccess(name, readers=queue.read, writers=queue.write, declared=True)
        reply = await engine.execute(who, command)
        event = "queue-declared" if before is None else "queue-lists-changed"
        _tell(event, reply, name, read=queue.read, write=queue.write)
    for name in engine.queue_names(settings.group):
        access = engine.access(settings.group, name)
        if access is None or not access.declared or name in wanted:
            continue
        log.warning("queue-no-longer-declared", queue=name, sentence="removed with its jobs")
        _tell("queue-removed", await engine.execute(who, DeleteQueue(name)), name)


def _tell(event: str, reply: Reply, queue: str, **more: object) -> None:
    if isinstance(reply, Refused):
        log.error("declaration-refused", queue=queue, wanted=event, error=reply.sentence)
    else:
        log.info(event, queue=queue, **more)


def stamp(path: Path) -> Stamp:
    """What is another after a file was changed."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


async def keep_declared(
    engine: Engine,
    load: Load,
    *,
    stamp: Callable[[Path], Stamp] = stamp,
) -> None:
    """Look at the files for as long as the server runs, and take over what changed.

    Args:
        engine: whose queues they are.
        load: reads all settings anew.
        stamp: what is another after a file was changed.
    """
    loaded = _loaded(load)
    files = _watched((), loaded)
    taken = seen = tuple(map(stamp, files))
    while True:
        await trio.sleep(LOOK)
        before, seen = seen, tuple(map(stamp, files))
        if loaded is not None and (seen == taken or seen != before):
            continue
        taken = seen
        found = _loaded(load)
        if found is None:
            continue
        loaded = found
        files = _watched(files, found)
        taken = seen = tuple(map(stamp, files))
        gone = [str(path) for path in files if path not in found.files]
        if gone:
            log.warning(
                "settings-file-gone", files=gone, sentence="nothing changes until it is back"
            )
            continue
        log.info("settings-changed", files=[str(path) for path in files])
        await take_over(engine, found.settings.jobengine)


def _watched(before: tuple[Path, ...], loaded: Loaded | None) -> tuple[Path, ...]:
    """What was read once is looked at for ever: a file that is gone may come back."""
    return tuple(dict.fromkeys((*before, *(() if loaded is None else loaded.files))))


def _loaded(load: Load) -> Loaded | None:
    try:
        return load()
    except SettingsError as error:
        log.error("reload-refused", error=str(error))  # noqa: TRY400 - its sentence says all
        return None
