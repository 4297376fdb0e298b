"""Values of the command line, read strictly: what a program might take for a number is none."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

import msgspec
from attrs import asdict, frozen
from cyclopts import Parameter, Token

from jobyard.errors import BadArgument
from jobyard.options import Options

PAYLOAD_MAX: Final = 64 * 2**20
"""Bytes read from a file or stdin; the server has a bound of its own."""
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_SECONDS: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def _whole(_: Any, tokens: Sequence[Token]) -> int:
    said = tokens[0].value
    if not _WHOLE.fullmatch(said):
        raise ValueError("expected a whole number")
    return int(said)


def _seconds(_: Any, tokens: Sequence[Token]) -> float:
    said = tokens[0].value
    if not _SECONDS.fullmatch(said):
        raise ValueError("expected a number of seconds, as in 90 or 2.5")
    return float(said)


def _payload(_: Any, tokens: Sequence[Token]) -> str:
    said = tokens[0].value
    if said.startswith("-") and said != "-":  # rather than publish a mistyped option
        option = said.partition("=")[0]
        raise ValueError(f"no option {option!r}; a payload that begins with - comes from stdin")
    return said


Whole = Annotated[int, Parameter(converter=_whole, allow_leading_hyphen=True)]
Seconds = Annotated[float, Parameter(converter=_seconds)]
Payload = Annotated[
    str | None, Parameter(name="PAYLOAD", converter=_payload, allow_leading_hyphen=True)
]


@frozen
class Publishing:
    """What may be said of a job beyond its type and payload; times in seconds."""

    priority: Whole | None = None
    """Lower is sooner."""
    delay: Seconds | None = None
    """Not before so many seconds from now."""
    ready_at: Seconds | None = None
    """Not before this instant, in unix seconds."""
    time_to_live: Seconds | None = None
    """The longest wait; then the job expires."""
    content_type: str | None = None
    """Of the payload."""
    unique_key: str | None = None
    """Another job with this key is not added."""
    unique_scope: str | None = None
    """How long the key counts: queued, unfinished, or seconds."""
    lease: Seconds | None = None
    """How long a worker may be silent."""
    on_lapse: str | None = None
    """What follows a silence: retry or fail."""
    run_limit: Seconds | None = None
    """How long one attempt may take."""
    max_attempts: str | None = None
    """A number, or none: no limit."""
    backoff: str | None = None
    """Before another attempt, in JSON: {"fixed": 30} or {"delays": [1, 5, 30]}."""
    keep_done: Seconds | None = None
    """How long a done job stays."""
    keep_failed: Seconds | None = None
    """How long a failed job stays."""

    def said(self) -> Options:
        """What was said of it.

        Raises:
            BadArgument: a text that is no such value.
        """
        found: dict[str, Any] = {
            name: value for name, value in asdict(self).items() if value is not None
        }
        if self.unique_scope is not None and _SECONDS.fullmatch(self.unique_scope):
            found["unique_scope"] = float(self.unique_scope)
        if self.max_attempts is not None:
            found["max_attempts"] = _attempts(self.max_attempts)
        if self.backoff is not None:
            found["backoff"] = _json(self.backoff)
        return cast("Options", found)


def _attempts(said: str) -> int | None:
    if said == "none":
        return None
    if not _WHOLE.fullmatch(said):
        raise BadArgument("--max-attempts is a whole number or none")
    return int(said)


def _json(said: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(payload_of(said), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise BadArgument("--backoff is a JSON object") from None
    return found


def payload_of(said: str) -> bytes:
    """An argument's very bytes, UTF-8 or not.

    Raises:
        BadArgument: no command line can have said it.
    """
    try:
        return os.fsencode(said)
    except UnicodeEncodeError:
        raise BadArgument("an argument has a lone surrogate") from None


def payload(said: str | None, file: Path | None) -> bytes | None:
    """The payload: an argument, `-` for what stdin has, or a file; None: not said.

    Raises:
        BadArgument: both were said, it cannot be read, or it is too large.
    """
    if said is not None and file is not None:
        raise BadArgument("the payload is an argument or --file, not both")
    try:
        if file is not None:
            with file.open("rb") as opened:
                found = opened.read(PAYLOAD_MAX + 1)
        elif said == "-":
            found = sys.stdin.buffer.read(PAYLOAD_MAX + 1)
        else:
            return None if said is None else payload_of(said)
    except (OSError, ValueError) as error:
        raise BadArgument(f"the payload cannot be read: {error}") from None
    if len(found) > PAYLOAD_MAX:
        raise BadArgument(f"the payload is longer than {PAYLOAD_MAX} bytes")
    return found
