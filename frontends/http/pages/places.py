"""Addresses of pages: every link is made here, so that a prefix and odd names are met once.

A name in a path is written so that no browser and no proxy takes it apart: `~` and two hexadecimal
digits stand for a slash, a tilde, a backslash and the dots of a name that is nothing but dots.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

from werkzeug.routing import BaseConverter, ValidationError

_RISKY: Final = re.compile(r"[/~\\\x00-\x1f]")
_DOTS: Final = re.compile(r"\.+")
_WRITTEN: Final = re.compile(r"(?:[^~/\\\x00-\x1f]|~[0-9a-f]{2})+")
_ESCAPE: Final = re.compile("~([0-9a-f]{2})")


def segment(name: str) -> str:
    """A name as one segment of a path, percent-encoded."""
    text = _RISKY.sub(_escaped, name)
    if _DOTS.fullmatch(text):
        text = "".join(map(_escaped_character, text))
    return quote(text, safe="")


def named(text: str) -> str | None:
    """The name that a decoded segment stands for; None: no name is written so."""
    if not _WRITTEN.fullmatch(text):
        return None
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class NameConverter(BaseConverter):
    """`<name:queue>` in a rule: the name of a queue, a job, a user."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The name."""
        name = named(value)
        if name is None:
            raise ValidationError
        return name

    def to_url(self, value: str) -> str:
        """The segment."""
        return segment(value)


class NumberConverter(BaseConverter):
    """`<int:number>` in a rule: digits of ASCII, and no more of them than a number here has."""

    regex = "[0-9]{1,15}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class Places:
    """Links of a console that stands behind a prefix."""

    def __init__(self, prefix: str) -> None:
        """Stand there; empty: at the root."""
        self.prefix = prefix

    def at(self, *names: str, **query: object) -> str:
        """The address of a page: `at("queues", name, page=2)`; what is None is left out.

        Args:
            names: segments of the path; none: the overview.
            query: what stands behind the question mark, without what is None or empty.
        """
        path = f"{self.prefix}/{'/'.join(map(segment, names))}"
        told = {key: str(value) for key, value in query.items() if value not in {None, ""}}
        return f"{path}?{urlencode(told)}" if told else path

    def stripped(self, path: str) -> str:
        """A path without the prefix; a proxy may have taken it away already."""
        if self.prefix and path.startswith(f"{self.prefix}/"):
            return path[len(self.prefix) :]
        return path

    def own(self, target: str) -> str:
        """A place to go back to, if it is one of this console, else the overview."""
        good = target.startswith(f"{self.prefix}/") and not target.startswith(("//", "/\\"))
        return target if good and target.isprintable() and "\\" not in target else self.at()


def _escaped(found: re.Match[str]) -> str:
    return _escaped_character(found[0])


def _escaped_character(character: str) -> str:
    return f"~{ord(character):02x}"
