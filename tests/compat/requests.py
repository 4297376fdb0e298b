"""Requests to the JobEngine dialects written down, and their answers.

@ v0 main               the version, and the configuration in `configs/`
h X-Name: service1      a header of the requests that follow; with nothing behind it, no more
> PUT /api/v1/jobs {"…  a request: method, path, and the body as it is sent; `<a>` is a job's uid
~ 1.5                   time passes
< 201 {"uid":"<uid a>…  status and body; `<+5>` is five seconds after the beginning
l /api/v1/test          where that answer sends to
"""

from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

FOLDER: Final = Path(__file__).parent / "jobengine"


@frozen
class Exchange:
    """One request with what it must be answered; or time that passes before the next."""

    line: int
    seconds: float = 0.0
    method: str = ""
    path: str = ""
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 0
    answer: str = ""
    location: str = ""


@frozen
class Script:
    """One file."""

    version: str
    config: str
    exchanges: tuple[Exchange, ...] = field(repr=False)


def read(path: Path) -> Script:
    """Read a file; what is not of the form above is an error."""
    version, config, found = "", "", list[Exchange]()
    headers: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        what, rest = line[0], line[2:]
        if what == "@":
            version, _, config = rest.partition(" ")
        elif what == "h":
            name, _, value = rest.partition(":")
            headers[name] = value.removeprefix(" ")
        elif what == ">":
            method, place, *body = rest.split(" ", 2)
            said = tuple((name, value) for name, value in headers.items() if value)
            found.append(Exchange(number, 0.0, method, place, "".join(body), said))
        elif what == "~":
            found.append(Exchange(number, seconds=float(rest)))
        elif what == "<":
            status, _, answer = rest.partition(" ")
            found.append(evolve(found.pop(), status=int(status), answer=answer))
        else:
            assert what == "l", line
            found.append(evolve(found.pop(), location=rest))
    return Script(version, config, tuple(found))
