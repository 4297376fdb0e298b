"""What the log says of a bug: where, and nothing that a client sent."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.stderr.isatty = lambda: {terminal}
import structlog
from frontends import logs

def fail(payload: bytes, password: str) -> None:
    raise ZeroDivisionError

log = structlog.get_logger("x")
logs.configure("info")
try:
    fail(b"TELL" + b"TALE", "SEC" + "RET")
except ZeroDivisionError:
    log.exception("broken", queue="mail")
log.debug("unheard")
"""
CROWDED = """
import logging
from frontends import logs

logs.configure("info")
for _ in range(20):
    try:
        raise OSError(24, "Too many open files")
    except OSError:
        logging.getLogger("trio.serve_listeners").error("EMFILE", exc_info=True)
"""


def said(*, terminal: bool) -> str:
    program = PROGRAM.format(terminal=terminal)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_shows_its_place_and_no_values(terminal: bool) -> None:
    log = said(terminal=terminal)
    assert "ZeroDivisionError" in log
    assert "fail" in log
    assert "broken" in log
    assert "TELLTALE" not in log
    assert "SECRET" not in log
    assert "unheard" not in log


def test_a_line_is_json_where_no_person_looks() -> None:
    (line,) = said(terminal=False).splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"], event["queue"]) == ("broken", "error", "mail")
    assert event["timestamp"].endswith("Z")


def test_listeners_without_means_say_so_in_a_line() -> None:
    done = subprocess.run([sys.executable, "-c", CROWDED], capture_output=True, check=True)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert 1 <= len(events) < 20
    assert events[0]["event"] == "no connection can be accepted for a moment"
    assert events[0]["error"] == "Too many open files"
