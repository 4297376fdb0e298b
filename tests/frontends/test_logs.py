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
