"""What a client must hear, as regular expressions: the `<…>` of a dialogue."""

import re
from collections.abc import Callable, Mapping
from typing import Final

NO_QUEUE: Final = (
    '"Queue":{"ID":"","Slug":"","Group":{"Slug":""},'
    '"RecurrentJobs":null,"Jobs":null,"Workers":null}'
)
ID: Final = "[A-Za-z0-9-]{8,64}"
ZERO: Final = re.escape("0001-01-01T00:00:00Z")
TIME: Final = r"(?!0001)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"


def expected(text: str, ids: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    """For one line; ids that are not known yet become groups with their names."""
    if text.endswith(r"\r"):
        text = text[:-2] + "\r"
    line = _Line(ids, addresses)
    pieces = re.split(r"(<[^<>]+>)", text.replace(r"\x20", " "))
    return "".join(
        line.macro(piece[1:-1]) if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    )


class _Line:
    def __init__(self, ids: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        self.ids = ids
        self.addresses = addresses
        self.seen: set[str] = set()
        self.macros: dict[str, Callable[[str], str]] = {
            "int": lambda _: r"\d+",
            "text": lambda _: '[^"]+',
            "id": self.id,
            "addr": lambda client: re.escape(self.addresses[client]),
            "job": self.job,
            "push": self.push,
            "rec": self.recurrence,
            "account": lambda rest: self.user(f"{rest} - - -", conn="null"),
            "user": self.user,
        }

    def macro(self, text: str) -> str:
        if repeated := re.fullmatch(r"(.)\*(\d+)", text):
            return repeated[1] * int(repeated[2])
        name, _, rest = text.partition(" ")
        return self.macros[name](rest)

    def id(self, name: str) -> str:
        if name in self.ids:
            return re.escape(self.ids[name])
        if name in self.seen:
            return f"(?P={name})"
        self.seen.add(name)
        return f"(?P<{name}>{ID})"

    def push(self, rest: str) -> str:
        return re.escape('{"Job":') + self.job(rest) + re.escape(',"Debug":"Dispatch data"}')

    def job(self, rest: str) -> str:
        name, state, kind, rest = rest.split(" ", 3)
        payload, _, facts = rest.rpartition('"')
        marks = facts.split()
        attempts = next((mark[9:] for mark in marks if mark.startswith("attempts=")), "0")
        started, ended = (TIME if mark in marks else ZERO for mark in ("started", "ended"))
        known = re.escape(f'","State":"{state}","Type":"{kind}","Payload":{payload}","Attempts":')
        return "".join(
            (
                re.escape('{"ID":"'), self.id(name), known, attempts,
                re.escape(',"StartedProcessingAt":"'), started,
                re.escape('","EndProcessingAt":"'), ended,
                re.escape('",' + NO_QUEUE + ',"Group":{"Slug":""}}'),
            )
        )  # fmt: skip

    def recurrence(self, rest: str) -> str:
        number, kind, cron = rest.split(" ", 2)
        return re.escape(
            f'{{"EntryID":{number},{NO_QUEUE},"Type":"{kind}","CronExpression":{cron}}}'
        )

    def user(self, rest: str, conn: str = "{}") -> str:
        name, groups, client, group, status = ("" if w == "-" else w for w in rest.split(" "))
        address = self.addresses[client] if client else ""
        return re.escape(
            f'{{"Username":"{name}","Password":"","Groups":{groups},"Addr":"{address}",'
            f'"CurrentGroup":{{"Slug":"{group}"}},"Conn":{conn},"Status":"{status}"}}'
        )
