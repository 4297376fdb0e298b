"""Native words as commands: each row of the engine's table, bound by its class's own fields.

A request is the word, one argument for each field that has no default, in their order, then pairs
`NAME value` for the others. Nothing here knows a single command but those that bring jobs in,
whose options are one flat set of names.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_type_hints

from attrs import NOTHING, Attribute, fields, frozen

from engine.commands import TABLE, Adopt, CommandRow, Publish, PublishMany, Route
from engine.commands.fields import Key
from engine.job import JobPolicy
from engine.replies import Refused
from frontends.dialects.native_adopting import kept
from frontends.dialects.native_options import OPTIONS, bulk, options_of
from frontends.dialects.native_values import Reader, Unfit, reader

Words = list[bytes]
Values = dict[str, Any]

_request_id: Final = reader(Key)
_SHOWN: Final = 40
"""Characters of an unknown name that a refusal repeats."""


@frozen
class Bound:
    """A command, and the id under which its answer is remembered."""

    command: Any
    request_id: str | None = None


@frozen
class NativeWord:
    """How the words of one request become a command."""

    row: CommandRow
    required: tuple[tuple[str, Reader], ...]
    """Fields in the order of their arguments."""
    optional: Mapping[bytes, tuple[str, Reader]]
    """By upper-case name."""
    make: Callable[[Values, JobPolicy], object]

    @property
    def usage(self) -> str:
        """The request as people write it."""
        needed = (f" {name}" for name, _ in self.required)
        pairs = (f" [{name.decode()} value]" for name in self.optional)
        return f"{self.row.word}{''.join(needed)}{''.join(pairs)}"

    def bind(self, words: Words, policy: JobPolicy) -> Bound | Refused:
        """The command that the words ask for; `policy` is what jobs are treated by as a rule.

        There must be enough words for what is required.
        """
        values: Values = {}
        name = ""
        try:
            for at, (name, read) in enumerate(self.required, 1):
                values[name] = read(words[at])
            for at in range(len(self.required) + 1, len(words), 2):
                name = words[at].decode("utf-8", "replace")[:_SHOWN]
                self._read_pair(words[at : at + 2], values)
            request_id = values.pop("request_id", None)
            name = self.row.word
            return Bound(self.make(values, policy), request_id)
        except Unfit as error:
            return Refused(error.code, f"{name.upper()}: {error}")

    def _read_pair(self, pair: Words, values: Values) -> None:
        found = self.optional.get(pair[0].upper())
        if found is None:
            raise Unfit("there is no such option")
        name, read = found
        if len(pair) == 1:
            raise Unfit("has no value")
        if name in values:
            raise Unfit("is given twice")
        values[name] = read(pair[1])


def _make_of(kind: type) -> Callable[[Values, JobPolicy], object]:
    def make(values: Values, _: JobPolicy) -> object:
        return kind(**values)

    return make


def _publish(values: Values, policy: JobPolicy) -> Publish:
    queue, kind, payload = values.pop("queue"), values.pop("type"), values.pop("payload")
    return Publish(queue, kind, payload, options_of(values, policy))


def _publish_many(values: Values, policy: JobPolicy) -> PublishMany:
    return PublishMany(values["queue"], bulk(values["jobs"], policy))


def _adopt(values: Values, policy: JobPolicy) -> Adopt:
    return Adopt(values["queue"], kept(values["jobs"], policy))


_MAKERS: Final[dict[type, Callable[[Values, JobPolicy], object]]] = {
    Publish: _publish,
    PublishMany: _publish_many,
    Adopt: _adopt,
}


def _reader_of(kind: type, name: str, hint: Any) -> Reader:
    return bytes if name == "jobs" and kind in {PublishMany, Adopt} else reader(hint)


def _bind(row: CommandRow) -> NativeWord:
    kind: Any = row.kind
    hints = get_type_hints(kind, include_extras=True)
    required: list[tuple[str, Reader]] = []
    optional: dict[bytes, tuple[str, Reader]] = {}
    field: Attribute[Any]
    for field in fields(kind):
        name = field.name
        if kind is Publish and name == "options":
            optional |= {key.upper().encode(): (key, read) for key, read in OPTIONS.items()}
        elif field.default is NOTHING:
            required.append((name, _reader_of(kind, name, hints[name])))
        else:
            optional[name.upper().encode()] = (name, reader(hints[name]))
    if row.route is not Route.SERVER:  # answers are remembered by queues
        optional[b"REQUEST_ID"] = ("request_id", _request_id)
    return NativeWord(row, tuple(required), optional, _MAKERS.get(kind, _make_of(kind)))


WORDS: Final[dict[str, NativeWord]] = {row.word: _bind(row) for row in TABLE.values()}
"""Every command of the table, by its word."""
