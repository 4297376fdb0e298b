"""What one path of the native API is, and what an answer to it is made from."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from engine.access import MEMBER, Caller, Principal
from engine.commands import TABLE, Publish, Route
from engine.job import JobPolicy
from frontends.dialects.native_json_binding import BASE64, command_fields
from frontends.http.exchange import Request, Response
from frontends.http.site import Site

PREFIX: Final = "/api/v2"
READING: Final = frozenset({"GET", "HEAD"})
IN_QUERY: Final = frozenset({"GET", "HEAD", "DELETE"})
"""Methods whose fields stand in the path and behind the question mark; others have a body."""


@frozen
class Ask:
    """One request, understood: who asks for what."""

    site: Site
    path: "Path"
    request: Request
    principal: Principal
    who: Caller
    """In the group that was chosen; in none where none is needed."""
    values: Mapping[str, Any]
    """Fields by their own names, from wherever they came, not yet checked."""
    policy: JobPolicy
    request_id: str | None = None


Act = Callable[[Ask], Awaitable[Response]]


@frozen
class Path:
    """One row of the table of paths."""

    method: str
    template: str
    """Behind the prefix; `{name}` is a segment that gives a field."""
    kind: type
    """A command, or an attrs class of the same kinds of fields."""
    act: Act
    serves: tuple[type, ...]
    """The commands of the table that it runs."""
    success: int = 200
    renamed: Mapping[str, str] = field(factory=dict[str, str])
    """Name in the request -> field, where they differ."""
    hidden: frozenset[str] = frozenset()
    """Fields that cannot be said over HTTP."""
    defaults: Mapping[str, Any] = field(factory=dict[str, Any])
    """Instead of the class's own, by field."""
    about: str = ""
    """Instead of the first line of the class's docstring."""
    conditional: bool = False
    """Answers have an ETag, and `If-None-Match` or `If-Match` is heard."""
    named: str = ""
    """Instead of the class's name, in the document."""

    @property
    def name(self) -> str:
        """What programs made from the document call it."""
        name = self.named or self.kind.__name__
        return name[0].lower() + name[1:]

    @property
    def sentence(self) -> str:
        """What it does, for people."""
        return self.about or (self.kind.__doc__ or "").strip().splitlines()[0]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Parts of the template; those of fields in braces."""
        return tuple(self.template.split("/")[1:])

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """Fields that the path gives."""
        return tuple(part[1:-1] for part in self.segments if part.startswith("{"))

    @cached_property
    def elsewhere(self) -> Mapping[str, str]:
        """Name in the query or the body -> field."""
        names = {field: name for name, field in self.renamed.items()}
        found: dict[str, str] = {}
        for one in command_fields(self.kind):
            if one.name not in self.in_path and one.name not in self.hidden:
                found[names.get(one.name, one.name)] = one.name
                if one.binary:
                    found[one.name + BASE64] = one.name + BASE64
        return found

    @cached_property
    def hints(self) -> Mapping[str, Any]:
        """What kind of value each field of the class takes."""
        return {one.name: one.hint for one in command_fields(self.kind)}

    @cached_property
    def takes_options(self) -> bool:
        """Whether a job's options may stand among its fields; the binding knows them."""
        return self.kind is Publish

    @cached_property
    def in_query(self) -> bool:
        """Whether its other fields stand behind the question mark."""
        return self.method in IN_QUERY

    @cached_property
    def remembers(self) -> bool:
        """Whether a queue remembers its answers by `Idempotency-Key`."""
        row = TABLE.get(self.kind)
        return self.method != "GET" and row is not None and row.route is not Route.SERVER

    @cached_property
    def in_group(self) -> bool:
        """Whether it works inside one group."""
        rows = [TABLE[kind] for kind in self.serves]
        return any(row.route is not Route.SERVER or row.needs & MEMBER for row in rows)

    @property
    def needs(self) -> tuple[int, ...]:
        """The rights it takes: of each number any one right will do."""
        return tuple(TABLE[kind].needs for kind in self.serves)
