"""DEBUG of the line protocol: what the server holds, as text for people."""

from collections.abc import Iterable, Iterator, Sequence

from engine.replies import QueueView
from frontends.dialects import jobatator_json


def debug(
    groups: Iterable[str], sessions: Iterable[tuple[str, str, str]], queues: Sequence[QueueView]
) -> bytes:
    """The whole text, without the last line end.

    Args:
        groups: every group there is.
        sessions: user, selected group and address of each connection.
        queues: every queue of every group.
    """
    lines = [b"== GROUPS ==", *(b"- slug: " + plain(slug) for slug in groups)]
    lines += [b"", b"== SESSION USERS =="]
    for name, group, address in sessions:
        lines += [
            b"- username: " + plain(name),
            b"  currentGroup: " + plain(group),
            b"  addr: " + plain(address),
        ]
    lines += [b"", b"== QUEUES =="]
    if not queues:
        lines.append(b"No queues")
    for queue in queues:
        lines += _queue(queue)
    return b"\n".join(lines)


def _queue(queue: QueueView) -> Iterator[bytes]:
    jobs = [job for job in queue.jobs or () if job.state not in jobatator_json.HIDDEN]
    yield b"- slug: " + plain(queue.name)
    yield b"  id: " + plain(queue.id)
    yield b"  jobs: %d" % len(jobs)
    for job in jobs:
        yield b"    - id: " + plain(job.id)
        yield b"      type: " + plain(job.type)
        yield b"      state: " + jobatator_json.state(job)
        yield b"      payload: " + plain(job.payload or b"")
    yield b"  recurrent_jobs: %d" % len(queue.recurrences or ())
    for recurrence in queue.recurrences or ():
        yield b"    - id: %d" % recurrence.number
        yield b"      type: " + plain(recurrence.type)
        yield b"      expression: " + plain(recurrence.cron)
    yield b"  workers: %d" % len(queue.workers or ())
    for worker in queue.workers or ():
        yield b"    - addr: " + plain(worker.address)
        yield b"      username: " + plain(worker.name)
        yield b"      status: " + (b"busy" if worker.busy else b"available")


_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


def plain(text: str | bytes) -> bytes:
    """As it is, with control characters and what is no UTF-8 spelled out."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    return text.translate(_CONTROL).encode("utf-8", "backslashreplace")
