"""`python -m tests.benchmarks [ROW ...]`: measure, print one table, write it as JSON too."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.benchmarks import crowds, http_rates, in_process, python_rates, rates, rpc_rates
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Line, Missing, render
from tests.benchmarks.load import Load, LoadError, compile_load
from tests.benchmarks.servers import NotStartedError
from tests.support.tables import in_markdown, put_into, where_and_when

ROWS: dict[str, Callable[[Bench], Iterable[Figure]]] = {
    "P1": rates.publish_in_memory,
    "P2": rates.publish_on_disk,
    "P3": rates.cycles,
    "P4": python_rates.python_rates,
    "P5": crowds.many_jobs,
    "P6": crowds.restart,
    "P7": http_rates.http_api,
    "P8": rates.alone,
    "P9": crowds.idle,
    "P10": in_process.in_process,
    "P11": rates.many_queues,
    "P12": rpc_rates.rpc,
}


def arguments(words: list[str]) -> argparse.Namespace:
    """What to measure, and how long."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {' '.join(ROWS)}; all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each run")
    parser.add_argument("--jobs", type=int, default=1_000_000, help="waiting in P5 and P6")
    parser.add_argument("--crowd", type=int, default=10_000, help="connections in P5 and P9")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    parser.add_argument("--page", type=Path, help="put the table between the marks of this page")
    found = parser.parse_args(words)
    if unknown := sorted(set(found.rows) - set(ROWS)):
        parser.error(f"no such row: {' '.join(unknown)}")
    if min(found.rounds, found.jobs - 999, found.crowd - 10, found.seconds) <= 0:
        parser.error("rounds, seconds, jobs (from 1,000) and crowd (from 11) are counts")
    return found


def measure(bench: Bench, names: Iterable[str]) -> list[Line]:
    """All wanted rows; what fails is a line that says why, and the next row goes on."""
    lines: list[Line] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            for figure in ROWS[name](bench):
                lines.append(figure)
                print(f"  {figure.work}: {figure.ours}", file=sys.stderr, flush=True)
        except (LoadError, NotStartedError) as problem:
            lines.append(Missing(name, str(problem)))
    return lines


def main(words: list[str]) -> int:
    """Run the rows; 1 when one could not be measured, 0 otherwise, goals reached or not."""
    wanted, began = arguments(words), time.time()
    if shutil.which("cc") is None:
        print("not run: the load generator needs a C compiler named cc", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="jobyard-bench-") as place:
        folder = Path(place)
        load = Load(compile_load(folder), wanted.seconds)
        bench = Bench(folder, load, wanted.rounds, wanted.jobs, wanted.crowd)
        lines = measure(bench, wanted.rows or ROWS)
    how = f"{wanted.rounds} runs of {wanted.seconds:g} s, medians ± half the spread"
    about = f"{where_and_when(began)}; {how}"
    print(f"{about}\n{render(lines)}")
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    found = {"about": about, "lines": [line.as_json() for line in lines]}
    wanted.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    if wanted.page:
        put_into(wanted.page, "make bench", f"{about}\n\n{render(lines, in_markdown)}")
    return int(any(isinstance(line, Missing) for line in lines))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped then, too
    sys.exit(main(sys.argv[1:]))
