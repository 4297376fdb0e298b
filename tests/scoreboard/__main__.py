"""`python -m tests.scoreboard [ROW ...] [--quick]`: attack, print one table, write it as JSON.

0 when every zero is a zero and every bound holds, 1 when not, 130 when it was interrupted.
"""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

import trio

from tests.scoreboard.lines import Entry, as_json, render
from tests.scoreboard.rows import ROWS
from tests.scoreboard.running import Board
from tests.support.tables import in_markdown, put_into, where_and_when

INTERRUPTED = 130


def arguments(words: list[str]) -> argparse.Namespace:
    """What to attack, and how long."""
    parser = argparse.ArgumentParser(prog="python -m tests.scoreboard", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {' '.join(ROWS)}; all")
    parser.add_argument("--quick", action="store_true", help="few of everything, to try it out")
    parser.add_argument("--json", type=Path, default=Path("build/scoreboard.json"))
    parser.add_argument("--page", type=Path, help="put the table between the marks of this page")
    found = parser.parse_args(words)
    if unknown := sorted(set(found.rows) - set(ROWS)):
        parser.error(f"no such row: {' '.join(unknown)}")
    return found


def written(entries: list[Entry], about: str) -> str:
    """The table as JSON."""
    lines = [as_json(entry) for entry in entries]
    return json.dumps({"about": about, "lines": lines}, indent=1, ensure_ascii=False) + "\n"


def main(words: list[str]) -> int:
    """Run the rows, and say what came of them."""
    wanted = arguments(words)
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    log = wanted.json.with_suffix(".log")
    log.unlink(missing_ok=True)
    names = wanted.rows or list(ROWS)
    board, began, code = Board(wanted.quick, log), time.time(), 0
    try:
        trio.run(board.run, names)
    except* KeyboardInterrupt:
        code = INTERRUPTED
    entries = board.entries(names)
    took = time.time() - began
    about = f"{where_and_when(began)}; {took:.0f} s{'; quick' * wanted.quick}"
    sys.stdout.write(f"{about}\n{render(entries)}\n")
    wanted.json.write_text(written(entries, about))
    if wanted.page:
        put_into(wanted.page, "make scoreboard", f"{about}\n\n{render(entries, in_markdown)}")
    return code or int(not all(entry.kept for entry in entries))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started us may ignore it
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # the same end
    sys.exit(main(sys.argv[1:]))
