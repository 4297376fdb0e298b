"""The lines that were typed, for the next time; what may hold a secret is not among them."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from platformdirs import user_state_path
from prompt_toolkit.history import History

SECRETS: Final = ("auth", "password", "token", "secret", "_user", "://")
"""What the lines have that are not kept, whatever their case; a URL has a password."""
LINES_MAX: Final = 1_000
BYTES_MAX: Final = 1 << 20
"""Of the file; a longer one begins anew with its last lines."""
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def place() -> Path:
    """Where it is kept."""
    return user_state_path("jobyard", appauthor=False) / "history"


def kept(line: str) -> bool:
    """Whether a line may stay."""
    low = line.lower()
    return bool(line.strip()) and "\n" not in line and not any(word in low for word in SECRETS)


class Lines(History):
    """A file of its user alone. Where there can be none, lines last as long as the shell."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def append_string(self, string: str) -> None:
        """One more line, unless it is none to keep."""
        if kept(string):
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """The lines of before, the newest first."""
        try:
            with os.fdopen(self._open(os.O_RDONLY), "rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - BYTES_MAX))
                text = file.read(BYTES_MAX).decode("utf-8", "replace")
            lines = text.split("\n")[-1 - LINES_MAX : -1]
            if size > BYTES_MAX:
                self._write(lines, os.O_TRUNC)
        except OSError:
            return []
        return reversed(lines)

    def store_string(self, string: str) -> None:
        """Keep a line."""
        try:
            self._write([string], os.O_APPEND)
        except OSError as error:
            sys.stderr.write(f"jobyard: the history is not kept: {error.strerror}\n")

    def _write(self, lines: Iterable[str], how: int) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(self._open(os.O_WRONLY | os.O_CREAT | how), "wb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    def _open(self, how: int) -> int:
        descriptor = os.open(self._path, how | _NO_LINKS, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(0, "it is no file")
        os.fchmod(descriptor, 0o600)
        return descriptor
