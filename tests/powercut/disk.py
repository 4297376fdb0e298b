"""A disk in memory that can lose its power, fill up and fail, as a VFS under the cipher.

What was written and not synced survives a cut in sectors, each by chance, in any order. A file
whose creation was never synced may be gone, one whose removal was not may be back.
"""

import random
from collections.abc import Callable

import apsw
from attrs import define, field

SECTOR = 512
VFS = "powercut"
"""Open databases with `multipleciphers-powercut`: the cipher's layer over this one."""


@define
class File:
    """One file: what the running process sees, and what a cut would leave."""

    seen: bytearray = field(factory=bytearray)
    durable: bytearray | None = None
    pending: list[tuple[int, bytes | None]] = field(factory=list)
    """Unsynced writes as (offset, bytes) and truncations as (size, None), in order."""


@define
class Disk:
    """All files, and the faults to come. `operations` counts what changes the disk."""

    files: dict[str, File] = field(factory=dict)
    removed: dict[str, File] = field(factory=dict)
    operations: int = 0
    fault: Callable[[int, str], None] | None = None
    """Called with the number and the name of each operation before it is done; may raise."""
    reading: Callable[[bytes], bytes] | None = None
    """What becomes of the bytes that are read; may raise."""
    capacity: int | None = None
    """Bytes all files may have together."""
    off: bool = False

    def operate(self, name: str) -> None:
        """Count one operation; raise if the power is off or a fault is due."""
        if self.off:
            raise apsw.IOError("the power is off")
        self.operations += 1
        if self.fault is not None:
            self.fault(self.operations, name)

    def cut_at(self, operation: int) -> None:
        """Let the power fail at the given operation."""

        def fail(number: int, _name: str) -> None:
            if number >= operation:
                self.off = True
                raise apsw.IOError("power cut")

        self.fault = fail

    def used(self) -> int:
        """Bytes in all files."""
        return sum(len(file.seen) for file in self.files.values())

    def restarted(self, chance: random.Random) -> "Disk":
        """The disk as it is found after the cut."""
        found = Disk()
        for name, file in {**self.removed, **self.files}.items():
            if name not in self.files and chance.random() < 0.5:
                continue  # its removal reached the disk
            if file.durable is None and chance.random() < 0.5:
                continue  # its creation did not
            content = _survivors(file, chance)
            found.files[name] = File(seen=content, durable=bytearray(content))
        return found


def _survivors(file: File, chance: random.Random) -> bytearray:
    content = bytearray(file.durable or b"")
    for offset, written in file.pending:
        if chance.random() < 0.5:
            continue
        if written is None:
            del content[offset:]
            continue
        for start in range(0, len(written), SECTOR):
            if chance.random() < 0.8:
                _put(content, offset + start, written[start : start + SECTOR])
    return content


def _put(content: bytearray, offset: int, written: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(written)] = written


class Drive(apsw.VFS):
    """SQLite's way to whatever disk is plugged in."""

    def __init__(self) -> None:
        self.disk = Disk()
        super().__init__(VFS, base="")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> "Handle":  # noqa: N802 -- SQLite's name
        """Open a file, making it if need be."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "scratch")
        return Handle(self.disk, path, flags)

    def xDelete(self, path: str, sync: bool) -> None:  # noqa: N802 -- SQLite's name
        """Remove a file."""
        self.disk.operate("delete")
        file = self.disk.files.pop(path, None)
        if file is not None and not sync:
            self.disk.removed[path] = file

    def xAccess(self, path: str, _flags: int) -> bool:  # noqa: N802 -- SQLite's name
        """Whether a file is there."""
        return path in self.disk.files

    def xFullPathname(self, path: str) -> str:  # noqa: N802 -- SQLite's name
        """There are no folders."""
        return path


class Handle(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Disk, path: str, flags: list[int]) -> None:
        flags[1] = flags[0]
        self._disk = disk
        self._file = disk.files.get(path) or disk.files.setdefault(path, File())

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 -- SQLite's name
        found = bytes(self._file.seen[offset : offset + amount])
        return found if self._disk.reading is None else self._disk.reading(found)

    def xWrite(self, written: bytes, offset: int) -> None:  # noqa: N802 -- SQLite's name
        disk, file = self._disk, self._file
        disk.operate("write")
        growth = max(0, offset + len(written) - len(file.seen))
        if disk.capacity is not None and growth and disk.used() + growth > disk.capacity:
            raise apsw.FullError("no space left")
        _put(file.seen, offset, written)
        file.pending.append((offset, bytes(written)))

    def xTruncate(self, size: int) -> None:  # noqa: N802 -- SQLite's name
        self._disk.operate("truncate")
        del self._file.seen[size:]
        self._file.pending.append((size, None))

    def xSync(self, _flags: int) -> None:  # noqa: N802 -- SQLite's name
        self._disk.operate("sync")
        file = self._file
        durable = bytearray() if file.durable is None else file.durable
        for offset, written in file.pending:
            if written is None:
                del durable[offset:]
            else:
                _put(durable, offset, written)
        file.durable = durable
        file.pending.clear()

    def xFileSize(self) -> int:  # noqa: N802 -- SQLite's name
        return len(self._file.seen)

    def xLock(self, _level: int) -> None:  # noqa: N802 -- SQLite's name
        """One process, one connection: nobody to lock out."""

    def xUnlock(self, _level: int) -> None:  # noqa: N802 -- SQLite's name
        """Nobody to let in."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802 -- SQLite's name
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:  # noqa: N802 -- SQLite's name
        return False

    def xSectorSize(self) -> int:  # noqa: N802 -- SQLite's name
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802 -- SQLite's name
        return 0

    def xClose(self) -> None:  # noqa: N802 -- SQLite's name
        """Nothing to give back."""


DRIVE = Drive()
"""The only one: the cipher's layer keeps pointing at the first of a name, so it must never go."""
