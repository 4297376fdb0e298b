"""`python -m tests.scoreboard.one ROW [--quick]`: run one row; each entry is a line of JSON."""

import os
import sys
from pathlib import Path

import msgspec

from tests.scoreboard.lines import Failed
from tests.scoreboard.rows import ROWS
from tests.scoreboard.trial import Trial


def main(name: str, *options: str) -> None:
    """Write entries as they come; what else is printed goes with the errors."""
    with os.fdopen(os.dup(1), "wb", buffering=0) as told:
        os.dup2(2, 1)
        trial = Trial(name, Path(os.environ["TMPDIR"]), "--quick" in options)
        try:
            for entry in ROWS[name].run(trial):
                told.write(msgspec.json.encode(entry) + b"\n")
        except Exception as error:
            why = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
            told.write(msgspec.json.encode(Failed(name, why)) + b"\n")
            raise


if __name__ == "__main__":
    main(*sys.argv[1:])
