"""`python -m tests.frontends.dialects.growing [CODEC ...]`: look for inputs that are worth keeping.

What takes a new way through a reader, or breaks it, is added to its file of the corpus: to be
looked at, and committed. 1 when something broke.
"""

import argparse
import sys
import time

from tests.frontends.dialects.fuzzed import CODECS, seeds
from tests.support.corpus import Growth, grow, keep

EXECUTIONS = 100_000
DAY = 86_400


def look(name: str, executions: int, seed: int) -> Growth:
    """Search for one codec, and keep what was found."""
    growth = grow(CODECS[name].read, seeds(name), seed, executions)
    keep(name, dict.fromkeys((*growth.found, *growth.crashes)))
    return growth


def main(words: list[str]) -> int:
    """Search for each, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.frontends.dialects.growing")
    parser.add_argument("codecs", nargs="*", metavar="CODEC", help=f"of {' '.join(CODECS)}; all")
    parser.add_argument("--executions", type=int, default=EXECUTIONS, help="for each codec")
    parser.add_argument("--seed", type=int, default=int(time.time()) // DAY, help="the day")
    wanted = parser.parse_args(words)
    if unknown := sorted(set(wanted.codecs) - set(CODECS)):
        parser.error(f"no such codec: {' '.join(unknown)}")
    broken = 0
    for name in wanted.codecs or CODECS:
        growth = look(name, wanted.executions, wanted.seed)
        told = f"{name}: {wanted.executions:,} executions, {len(growth.arcs):,} ways"
        sys.stdout.write(f"{told}, {len(growth.found)} inputs kept\n")
        for wire, crash in growth.crashes.items():
            sys.stdout.write(f"  {crash} by {wire!r}\n")
        broken += len(growth.crashes)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
