"""Requests over HTTP written down, and their answers.

@ default reflect       the configuration in `configs/`, and whatever else a dialect has to be told
h X-Name: service1      a header of the requests that follow; with nothing behind it, no more
> PUT /api/v1/jobs {"…  a request: method, path, and the body as it is sent
~ 1.5                   time passes
< 201 {"uid":"<uid a>…  status and body, with the `<…>` of the dialect
= /api/v1/test          a header of that answer, the one its dialect has; without this line, none
"""

from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

GATEWAY: Final = Path(__file__).parent / "gateway"
JOBENGINE: Final = Path(__file__).parent / "jobengine"


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
    header: str = ""


@frozen
class Script:
    """One file."""

    told: tuple[str, ...]
    """The words of its first line."""
    exchanges: tuple[Exchange, ...] = field(repr=False)


def read(path: Path) -> Script:
    """Read a file; what is not of the form above is an error."""
    told: tuple[str, ...] = ()
    found: list[Exchange] = []
    headers: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        what, rest = line[0], line[2:]
        if what == "@":
            told = tuple(rest.split(" "))
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
            assert what == "=", line
            found.append(evolve(found.pop(), header=rest))
    return Script(told, tuple(found))
