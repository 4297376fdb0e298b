"""The language of the search box: text -> what is looked for, and back.

Terms stand beside each other and all of them count: `state:failed,ready queue:mail type:resize
id:0190… error:timeout payload.to.name:ada payload:text age:>1h age:5m..2h`. A value with spaces or
quotes stands in double quotes, where a backslash makes the next character plain.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import evolve, frozen

from engine.commands.fields import is_name
from engine.job import STATES, JobState
from frontends.http.pages.ages import AGES, Age, age_from, age_text

LONGEST: Final = 2_000
"""Characters of a search: three values, were every character of them escaped, and their keys."""
MOST_TERMS: Final = 20
LONGEST_VALUE: Final = 200
DEEPEST: Final = 16
"""Steps of a path into a payload."""

_STATE: Final = {state.name.lower(): state for state in STATES}
_KEYS: Final = "state, queue, type, id, error, payload, payload.<path> and age"
_ID: Final = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_TERM: Final = re.compile(
    r"""\s*+ (?: (?P<key>[^\s:"]++) : )?+
        (?: "(?P<quoted>(?:[^"\\]|\\.)*+)" | (?P<plain>[^\s"]*+) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_PLAIN: Final = re.compile(r'[^\s"]+')


@frozen
class PayloadTerm:
    """Something that is in the payload."""

    path: tuple[str, ...]
    """Keys and places in lists, from the outside in; none: anywhere in its text."""
    value: str


@frozen
class Search:
    """Which jobs: those that fit everything that is said. The default looks for all."""

    states: tuple[JobState, ...] = ()
    """Any of these, in order; none: any state."""
    queue: str | None = None
    type: str | None = None
    id: str | None = None
    """What the id begins with."""
    error: str | None = None
    """In the type or the message of the last failure, in letters of any case."""
    payload: tuple[PayloadTerm, ...] = ()
    age: Age = AGES

    @property
    def is_everything(self) -> bool:
        """Every job of the group."""
        return self == EVERYTHING

    @property
    def reads_jobs(self) -> bool:
        """The engine's own lists cannot choose: jobs are fetched and looked into."""
        return bool(self.payload) or self.error is not None or self.id is not None


EVERYTHING: Final = Search()


@frozen
class Mistake:
    """A term that says nothing, and what it should have said."""

    term: str
    words: str


def parse(text: str) -> tuple[Search, tuple[Mistake, ...]]:
    """What is looked for, and what could not be read of it."""
    if len(text) > LONGEST:
        return EVERYTHING, (Mistake("", f"a search has {LONGEST:,} characters at most"),)
    search, said, mistakes = EVERYTHING, set[str](), list[Mistake]()
    for number, (term, key, value) in enumerate(_terms(text)):
        if number == MOST_TERMS:
            mistakes.append(Mistake("", f"a search has {MOST_TERMS} terms at most"))
            break
        found = _with(search, said, key, value)
        if isinstance(found, str):
            mistakes.append(Mistake(term, found))
        else:
            search = found
    return search, tuple(mistakes)


def _with(search: Search, said: set[str], key: str, value: str) -> Search | str:
    """The search with one more term, or what is wrong with it."""
    kind = key.partition(".")[0]
    if kind not in _READ or kind not in {key, "payload"}:
        return _unknown(key, value)
    if kind in said:
        return f"{kind} is said twice"
    if not _is_text(value):
        return f"a value has {LONGEST_VALUE} characters at most, and is text"
    if kind != "payload":
        said.add(kind)
    return _READ[kind](search, key, value)


def text_of(search: Search) -> str:
    """The search as it is typed; `parse` reads it as the same."""
    terms = [f"state:{','.join(state.name.lower() for state in search.states)}"]
    terms = terms if search.states else []
    for key in ("queue", "type", "id", "error"):
        value = getattr(search, key)
        if value is not None:
            terms.append(f"{key}:{_quoted(value)}")
    for term in search.payload:
        terms.append(f"{'.'.join(('payload', *term.path))}:{_quoted(term.value)}")
    if search.age != AGES:
        terms.append(f"age:{age_text(search.age)}")
    return " ".join(terms)


def _terms(text: str) -> Iterator[tuple[str, str, str]]:
    """Each term with its key, empty if it has none, and its value."""
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None or not found[0].strip():  # a quote that nothing closes
            yield text[at:].strip()[:LONGEST_VALUE], "", '"'
            return
        at = found.end()
        quoted = found["quoted"]
        value = found["plain"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        yield found[0].strip(), found["key"] or "", value


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_text(value: str) -> bool:
    return len(value) <= LONGEST_VALUE and not any("\ud800" <= c <= "\udfff" for c in value)


def _unknown(key: str, value: str) -> str:
    if key:
        return f"there is no {key}: the keys are {_KEYS}"
    if value.startswith('"'):
        return "a quote is never closed"
    return "say where to look: for instance type:, error: or payload: before it"


# -- each key: the search with the term, or what is wrong with it ----------------------------


def _state(search: Search, _: str, value: str) -> Search | str:
    names = value.lower().split(",")
    if not all(name in _STATE for name in names):
        return f"the states are {', '.join(_STATE)}"
    return evolve(search, states=tuple(sorted({_STATE[name] for name in names})))


def _queue(search: Search, _: str, value: str) -> Search | str:
    if not is_name(value):
        return "a queue's name has 1 to 200 characters and no control characters"
    return evolve(search, queue=value)


def _type(search: Search, _: str, value: str) -> Search | str:
    if value and not is_name(value):
        return "a type has 200 characters at most and no control characters"
    return evolve(search, type=value)


def _id(search: Search, _: str, value: str) -> Search | str:
    begin = value.removesuffix("…")
    if not _ID.fullmatch(begin):
        return "an id has up to 64 letters, digits, dots and dashes; its beginning will do"
    return evolve(search, id=begin)


def _error(search: Search, _: str, value: str) -> Search | str:
    return evolve(search, error=value) if value else "say what the error's type or message has"


def _payload(search: Search, key: str, value: str) -> Search | str:
    path = tuple(key.split(".")[1:])
    if len(path) > DEEPEST:
        return f"a path has {DEEPEST} steps at most"
    if not all(path):
        return "a path is keys and places in lists with dots between, as in payload.to.0.name"
    if not path and not value:
        return "say what the payload has"
    return evolve(search, payload=(*search.payload, PayloadTerm(path, value)))


def _age(search: Search, _: str, value: str) -> Search | str:
    age = age_from(value)
    if age is None:
        return "an age is >1h, <30m or 5m..2h, in s, m, h, d or w"
    return evolve(search, age=age)


_READ: Final[dict[str, Callable[[Search, str, str], Search | str]]] = {
    "state": _state,
    "queue": _queue,
    "type": _type,
    "id": _id,
    "error": _error,
    "payload": _payload,
    "age": _age,
}
