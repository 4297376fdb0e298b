"""Publishing what stdin has, a job a line, in as few calls as may be."""

import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

from jobyard.blocking import BlockingClient
from jobyard.commands.options import PAYLOAD_MAX
from jobyard.commands.progressing import progress
from jobyard.commands.showing import say
from jobyard.errors import BadArgument
from jobyard.options import NewJob, Options

_TOGETHER: Final = 1_000
"""Jobs of one call, as many as a server takes."""
_BYTES: Final = 64 * 1024
"""And their bytes, which JSON may write as six times as many; a longer one goes alone, as it is."""


def publish_lines(
    client: BlockingClient, queue: str, kind: str, options: Options, lines: BinaryIO
) -> int:
    """Publish a job for each line, the line its payload; how many there were.

    A call is done whole or not at all: what was published before one that is refused is told.

    Args:
        client: which server.
        queue: where to.
        kind: the type of them all.
        options: of each of them.
        lines: read to their end.
    """
    total = 0
    try:
        with progress("publishing", None) as further:
            for some in _portions(lines):
                if len(some) == 1:
                    client.publish(queue, kind, some[0], **options)
                else:
                    client.publish_many(queue, [NewJob(kind, line, options) for line in some])
                total += len(some)
                further(len(some))
    except BaseException:
        say(f"jobyard: {total} jobs were published before", sys.stderr)
        raise
    return total


def _portions(lines: BinaryIO) -> Iterator[list[bytes]]:
    some: list[bytes] = []
    size = 0
    while raw := lines.readline(PAYLOAD_MAX + 2):
        line = raw.removesuffix(b"\n")
        if len(line) > PAYLOAD_MAX:
            raise BadArgument(f"a line is longer than {PAYLOAD_MAX} bytes")
        if some and (len(some) == _TOGETHER or size + len(line) > _BYTES):
            yield some
            some, size = [], 0
        some.append(line)
        size += len(line)
    if some:
        yield some
