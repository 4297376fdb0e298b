"""P7: the native HTTP API under wrk."""

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import msgspec

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import LoadError
from tests.benchmarks.servers import Jobyard, free_port, started

GOAL: Final = Goal(3000, unit="/s")
CONNECTIONS: Final = 64
QUEUE: Final = "/api/v2/queues/bench/jobs"
JOB: Final = msgspec.json.encode({"type": "bench", "payload": "x" * 100}).decode()
PUBLISH: Final = """\
wrk.method = "POST"
wrk.body = '{body}'
wrk.headers["Content-Type"] = "application/json"
"""
_RATE: Final = re.compile(r"^Requests/sec: +([0-9.]+)$", re.MULTILINE)
_CREDENTIALS: Final = ("bench", "bench")


def http_api(bench: Bench) -> Iterator[Figure]:
    """P7."""
    if shutil.which("wrk") is None:
        raise LoadError("wrk is not installed")
    reads, writes = bench.in_turns(partial(get, bench), partial(publish, bench))
    yield Figure("P7", f"GET of a job, memory, {CONNECTIONS} connections", "/s", reads, GOAL)
    yield Figure("P7", f"POST of a job, memory, {CONNECTIONS} connections", "/s", writes, GOAL)


@contextmanager
def serving(bench: Bench) -> Iterator[str]:
    """The URL of a fresh server of ours that keeps nothing."""
    ours, lines, web = Jobyard(bench.folder), free_port(), free_port()
    words = [*ours.command("memory", lines), "--http-port", str(web)]
    with started(words, web, ours.log(lines)):
        yield f"http://127.0.0.1:{web}"


def get(bench: Bench) -> float:
    """Jobs read per second."""
    with serving(bench) as base:
        with httpx.Client(base_url=base, auth=_CREDENTIALS, trust_env=False) as client:
            made = client.post(QUEUE, content=JOB, headers={"Content-Type": "application/json"})
        if made.status_code != httpx.codes.CREATED:
            raise LoadError(f"publishing was answered with {made.status_code}")
        return wrk(bench, f"{base}/api/v2/jobs/{made.json()['job']}")


def publish(bench: Bench) -> float:
    """Jobs published per second."""
    script = bench.folder / "publish.lua"
    script.write_text(PUBLISH.format(body=JOB))
    with serving(bench) as base:
        return wrk(bench, f"{base}{QUEUE}", script)


def wrk(bench: Bench, url: str, script: Path | None = None) -> float:
    """Requests per second that were answered with what was asked for."""
    credentials = b64encode(":".join(_CREDENTIALS).encode()).decode()
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(bench.load.seconds))}s"]
    words += ["-H", f"Authorization: Basic {credentials}"]
    words += [] if script is None else ["-s", str(script)]
    done = subprocess.run([*words, url], capture_output=True, text=True, check=False)
    found = _RATE.search(done.stdout)
    if done.returncode or found is None:
        raise LoadError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise LoadError("the server did not answer every request")
    return float(found[1])
