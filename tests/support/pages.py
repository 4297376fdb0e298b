"""Reading the project's pages, to hold them to what they say."""

import re


def table(text: str, first: str) -> list[tuple[list[str], str]]:
    """The table whose head begins so: the quoted words of each first cell, and the second."""
    _, _, rest = text.partition(f"| {first} |")
    lines = rest.split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(re.findall(r"`([^`]+)`", first_cell), second) for first_cell, second in cells]
