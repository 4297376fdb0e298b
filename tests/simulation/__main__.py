"""Play seeds by hand: `python -m tests.simulation FIRST [LAST] [--seconds S] [--faults 1,4]`."""

import argparse
import sys
import time

from jobyard.soak.plan import plan
from jobyard.soak.shrink import report, shrink
from jobyard.soak.simulate import simulate


def main() -> int:
    """Play what was asked for; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("first", type=int, help="the first seed, or the only one")
    parser.add_argument("last", type=int, nargs="?", help="the last seed")
    parser.add_argument("--seconds", type=float, default=60.0, help="virtual ones, under faults")
    parser.add_argument("--faults", help="only these faults of the seed, by number, or none")
    asked = parser.parse_args()
    seeds = range(asked.first, (asked.first if asked.last is None else asked.last) + 1)
    began, hours, broken = time.perf_counter(), 0.0, 0
    for seed in seeds:
        faults = plan(seed, asked.seconds)
        if asked.faults is not None:
            numbers = [] if asked.faults == "none" else asked.faults.split(",")
            faults = tuple(faults[int(number)] for number in numbers)
        outcome = simulate(seed, asked.seconds, faults)
        hours += outcome.seconds / 3600
        if outcome.complaints:
            broken += 1
            sys.stdout.write(report(shrink(outcome, asked.seconds), asked.seconds) + "\n")
    rate = len(seeds) / (time.perf_counter() - began)
    sys.stdout.write(
        f"{len(seeds)} seeds, {hours:.2f} virtual hours, {rate:.2f} seeds/s, {broken} broken\n"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
