"""One server a store: a lock beside the database, held by the process that writes."""

import fcntl
import os
from pathlib import Path

from engine.store.errors import StoreInUse


class Lock:
    """An exclusive `flock` on `<database>.lock`; the kernel drops it with the process."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._database = database
        self.created, self._descriptor = self._take()

    def _take(self) -> tuple[bool, int]:
        while True:
            created, descriptor = _open(self._path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A holder that ended may have removed the name between our open and our lock;
                # then we hold a file nobody else will find.
                if _is(descriptor, self._path):
                    return created, descriptor
            except BlockingIOError:
                os.close(descriptor)
                raise StoreInUse(f"{self._database} is open in another server") from None
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def release(self, *, remove: bool) -> None:
        """Let the next one in; with `remove`, leave no file behind."""
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _open(path: Path) -> tuple[bool, int]:
    flags = os.O_RDWR | os.O_CLOEXEC
    while True:
        try:
            return True, os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        try:
            return False, os.open(path, flags)
        except FileNotFoundError:
            continue


def _is(descriptor: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), named)
