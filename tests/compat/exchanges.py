"""Requests to the gateway written down, and their answers.

@ default [reflect]     the configuration, in `configs/`; `reflect`: the original's CORS
h referer: http://a/    a header of the next request
> POST /gateway {"co…   a request: method, path, and the body as it is sent
~ 1.5                   time passes
< 200 {"success":tru…   status and body, with the `<…>` of the dialogues
c http://a              the origin that may read that answer; without this line, none
"""

from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

FOLDER: Final = Path(__file__).parent / "gateway"


@frozen
class Exchange:
    """One request with what it must be answered; or time that passes before the next."""

    line: int
    seconds: float = 0.0
    method: str = ""
    path: str = ""
    body: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status: int = 0
    answer: str = ""
    origin: bytes = b""


@frozen
class Script:
    """One file."""

    config: str
    reflect: bool
    exchanges: tuple[Exchange, ...] = field(repr=False)


def read(path: Path) -> Script:
    """Read a file; what is not of the form above is an error."""
    config, reflect, found = "", False, list[Exchange]()
    headers: dict[bytes, bytes] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        what, rest = line[0], line[2:]
        if what == "@":
            config, _, switch = rest.partition(" ")
            reflect = switch == "reflect"
        elif what == "h":
            name, _, value = rest.partition(": ")
            headers[name.encode()] = value.encode()
        elif what == ">":
            method, path_, *body = rest.split(" ", 2)
            found.append(
                Exchange(
                    number,
                    method=method,
                    path=path_,
                    body="".join(body),
                    headers=tuple(headers.items()),
                )
            )
            headers.clear()
        elif what == "~":
            found.append(Exchange(number, seconds=float(rest)))
        elif what == "<":
            status, _, answer = rest.partition(" ")
            found.append(evolve(found.pop(), status=int(status), answer=answer))
        else:
            assert what == "c", line
            found.append(evolve(found.pop(), origin=rest.encode()))
    return Script(config, reflect, tuple(found))
