"""What a server process holds: looked at from outside, and as its metrics tell."""

import re
from pathlib import Path
from typing import Final, Self

from attrs import frozen

MEBIBYTE: Final = 1 << 20
_SAMPLE: Final = re.compile(r'^(jobyard_connections\{frontend="(\w+)"\}|jobyard_(\w+)) (\S+)$')


@frozen
class Remains:
    """Everything that connections and requests may leave behind, but for memory."""

    descriptors: int
    threads: int
    connections: dict[str, int]
    """By door."""
    listeners: int
    """Streams of events."""

    @classmethod
    def of(cls, pid: int, metrics: str) -> Self:
        """Count."""
        found = {m[2] or m[3]: float(m[4]) for m in map(_SAMPLE.match, metrics.split("\n")) if m}
        doors = {name: int(found[name]) for name in ("lines", "http", "rpc") if name in found}
        return cls(descriptors(pid), _status(pid, "Threads"), doors, int(found["event_listeners"]))

    def within(self, base: Self) -> bool:
        """Whether there is no more of anything than there was."""
        return (
            self.descriptors <= base.descriptors
            and self.threads <= base.threads
            and self.listeners <= base.listeners
            and all(count <= base.connections[door] for door, count in self.connections.items())
        )


def descriptors(pid: int) -> int:
    """Open files of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def resident(pid: int) -> int:
    """Bytes of memory that it has."""
    return _status(pid, "VmRSS") * 1024


def mapped(pid: int) -> int:
    """Bytes of addresses that it uses, which is what a limit counts."""
    return _status(pid, "VmSize") * 1024


def _status(pid: int, name: str) -> int:
    said = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    (found,) = re.findall(rf"^{name}:\s+(\d+)", said, re.MULTILINE)
    return int(found)
