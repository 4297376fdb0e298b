r"""Conversations written down: what clients do, and every line they must hear then.

    @ default             the configuration, in `configs/`
    a +    a -    a x     client a connects, closes, finds its connection closed
    a > PING              a sends a line; \r \n \t \0 \xNN \uNNNN stand for themselves
    a >> PI               a sends bytes that end no line
    ~ 0.08                time passes
    a < PONG              what a hears; a line end `\r\n` is written `\r`

After each act everything that was heard, by anybody, stands there; nothing else was. In what is
heard `<…>` stands for what cannot be known or is long: `<id j1>` is any id, the same wherever j1 is
named; `<job j1 pending t "p" attempts=1 started ended>` a job, `<push …>` one pushed; `<rec 1 type
"cron">` a recurrence; `<user name groups client group status>` a connection (`-`: empty);
`<account name groups>` a user; `<addr a>` an address; `<x*80>` eighty times x; `<int>`, `<text>`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

FOLDER: Final = Path(__file__).parent


@frozen
class Act:
    """One thing a client does, or time that passes, and what is heard until the next."""

    line: int
    client: str
    what: str
    text: str
    heard: tuple[tuple[str, str], ...] = ()
    closed: tuple[str, ...] = ()


@frozen
class Dialogue:
    """One file."""

    name: str
    config: str
    acts: tuple[Act, ...] = field(repr=False)


def read(path: Path) -> Dialogue:
    """Read a file; what is not of the form above is an error."""
    config, acts = "", list[Act]()
    heard, closed = list[tuple[str, str]](), list[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        client, what, text = (*line.split(" ", 2), "")[:3]
        if client == "@":
            config = what
        elif client == "~":
            acts.append(Act(number, "", "~", what))
        elif what in {"+", "-", ">", ">>"}:
            acts.append(Act(number, client, what, text))
        elif what == "<":
            heard.append((client, text))
        else:
            assert what == "x", line
            closed.append(client)
        if what in {"<", "x"}:
            last = acts[-1]
            acts[-1] = Act(
                last.line, last.client, last.what, last.text, tuple(heard), tuple(closed)
            )
        else:
            heard.clear()
            closed.clear()
    return Dialogue(path.stem, config, tuple(acts))


_ESCAPE: Final = re.compile(r"\\(?:([rnt0])|x([0-9a-f]{2})|u([0-9a-f]{4}))")
_PLAIN: Final = {"r": "\r", "n": "\n", "t": "\t", "0": "\0"}


def sent(act: Act, ids: Mapping[str, str]) -> bytes:
    """The bytes of a `>` or `>>`."""
    text = re.sub(r"<(j\d+)>", lambda found: ids[found[1]], act.text)
    text = re.sub(r"<(.)\*(\d+)>", lambda found: found[1] * int(found[2]), text)
    text = _ESCAPE.sub(
        lambda found: _PLAIN[found[1]] if found[1] else chr(int(found[2] or found[3], 16)), text
    )
    return (text + ("\n" if act.what == ">" else "")).encode()
