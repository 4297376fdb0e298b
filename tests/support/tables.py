"""Tables of measured figures: for a terminal, for a page, and into a page between its marks."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Rows = Sequence[tuple[str, ...]]
"""The head first, all of one length."""
Form = Callable[[Rows, Sequence[str]], str]
"""What makes text of a table and of the notes below it."""


def in_columns(rows: Rows, notes: Sequence[str]) -> str:
    """Cells below each other and the notes below them, for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *notes])


def in_markdown(rows: Rows, notes: Sequence[str]) -> str:
    """A table and a list of GitHub's Markdown."""
    head, *body = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *body]]
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)])


def put_into(page: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of this name.

    Raises:
        ValueError: the page has no such marks.
    """
    first, last = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, begun, rest = page.read_text("utf-8").partition(first)
    _, ended, after = rest.partition(last)
    if not (begun and ended):
        raise ValueError(f"{page} has no marks for {name}: {first.strip()} and {last}")
    page.write_text(f"{before}{first}{text.strip()}\n{last}{after}", "utf-8")


def where_and_when(began: float) -> str:
    """The day a run began (seconds since 1970, UTC) and the machine it ran on."""
    day = time.strftime("%Y-%m-%d", time.gmtime(began))
    python = f"Python {platform.python_version()}"
    return f"{day}; {_processor()}, {os.cpu_count()} cores, {platform.system()}, {python}"


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text("utf-8").splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]} ({platform.machine()})" if names else platform.machine()
