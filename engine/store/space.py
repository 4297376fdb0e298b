"""Space set aside beside a store, so that work in hand can be finished on a full disk."""

import os
from pathlib import Path

from engine.store.options import Options


class Space:
    """A file of zeros that is removed when the disk is full and made again when there is room."""

    def __init__(self, database: Path, options: Options) -> None:
        self._path = database.with_name(database.name + ".reserve")
        self._size = options.reserve
        self._low_water = options.low_water
        self.spent = True
        """The reserve is not there: not made yet, given up, or there is no room for it."""

    def restore(self) -> None:
        """Make the reserve if there is none and it leaves more than the low-water mark."""
        if self._size == 0:
            self.spent = False
            return
        if self._path.exists() and self._path.stat().st_size == self._size:
            self.spent = False
            return
        if free_bytes(self._path.parent) < self._low_water + self._size:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _allocate(descriptor, self._size)
            finally:
                os.close(descriptor)
        except OSError:
            self._path.unlink(missing_ok=True)  # a quota, say: go on without
        else:
            self.spent = False

    def give_up(self) -> bool:
        """Free the reserve; False if there was nothing left to free."""
        if self.spent or self._size == 0:
            return False
        self._path.unlink(missing_ok=True)
        self.spent = True
        return True


def free_bytes(directory: Path) -> int:
    """Bytes an ordinary user can still write there."""
    room = os.statvfs(directory)
    return room.f_bavail * room.f_frsize


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(1024 * 1024)
    while size > 0:
        size -= os.write(descriptor, block[:size])
