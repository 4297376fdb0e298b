"""A wall clock that a test moves while a server runs by it (Debian: libfaketime)."""

import time
from pathlib import Path
from typing import Final

PLACES: Final = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
MISSING: Final = "not run: libfaketime is not installed"


def library() -> Path | None:
    """What fakes the time of a process; None: it is not there."""
    found = [path for place in PLACES for path in Path("/").glob(place.removeprefix("/"))]
    return found[0] if found else None


class WallClock:
    """The clock of one machine, as far off as was last said; durations stay true."""

    def __init__(self, folder: Path, preload: Path) -> None:
        self._file = folder / "clock"
        self._preload = preload
        self.off = 0.0
        self.jump(0)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process that goes by it."""
        return {
            "LD_PRELOAD": str(self._preload),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: float) -> None:
        """From now on it is so much later, or earlier, than before."""
        self.off += seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{self.off:+f}\n", encoding="ascii")
        new.rename(self._file)

    def now(self) -> float:
        """What it shows."""
        return time.time() + self.off
