"""JSON Schema of what requests take and answers say, made from the classes themselves."""

from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from msgspec import Struct

from engine.job import Details, JobMore, JobPolicy, JobState
from engine.replies import HealthCounts, JobView, QueueCounts
from engine.retry import Backoff
from frontends.dialects.native_json import HIDDEN, JOINED, STATE_NAMES, field_names
from frontends.dialects.native_json_binding import BASE64

Schema = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"
_PLAIN: Final[dict[Any, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}
STATE: Final[Schema] = {"type": "string", "enum": list(STATE_NAMES)}
NAMES: Final = {JobView: "Job"}
"""Classes whose schema has another name than they have."""


def item(**properties: Schema) -> Schema:
    """An object of these properties, all of them there, and no others."""
    shape: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": list(properties)} if properties else shape


def array(of: Schema) -> Schema:
    """A list of one kind."""
    return {"type": "array", "items": of}


def reference(name: str) -> Schema:
    """Where a schema of that name stands."""
    return {"$ref": REFERENCE.format(name=name)}


BY_STATE: Final = item(**dict.fromkeys(STATE_NAMES, _PLAIN[int]))
BY_TYPE: Final[Schema] = {"type": "object", "additionalProperties": reference("CountsByState")}
_SPECIAL: Final[dict[tuple[type, str], Schema]] = {
    (QueueCounts, "states"): reference("CountsByState"),
    (QueueCounts, "types"): BY_TYPE,
    (HealthCounts, "failed"): array(item(group=_PLAIN[str], queue=_PLAIN[str])),
    (JobView, "history"): array(
        item(holder=_PLAIN[str], since=_PLAIN[float], until=_PLAIN[float], ended=_PLAIN[str])
    ),
    (Details, "log"): array(item(at=_PLAIN[float], line=_PLAIN[str])),
}
"""What the JSON dialect gives names that the class has none for."""
_BACKOFF: Final[Schema] = {
    "oneOf": [
        item(fixed=_PLAIN[float], jitter=_PLAIN[float]),
        item(min=_PLAIN[float], max=_PLAIN[float], factor=_PLAIN[float], jitter=_PLAIN[float]),
        item(delays=array(_PLAIN[float]), jitter=_PLAIN[float]),
    ]
}
_PARTS: Final = (JobMore, Details, JobPolicy)
"""What stands among a job's own fields."""


class Components:
    """The named schemas that a document refers to, collected while it is made."""

    def __init__(self) -> None:
        """Begin with those that have no class."""
        self.schemas: dict[str, Schema] = {"CountsByState": BY_STATE, "Backoff": _BACKOFF}

    def reply(self, kind: Any) -> Schema:
        """A reference to what an answer of that class looks like."""
        if kind is Backoff:
            return reference("Backoff")
        name = NAMES.get(kind, kind.__name__)
        if name not in self.schemas:
            self.schemas[name] = {}  # classes may refer to each other
            self.schemas[name] = self._record(kind)
        return reference(name)

    def taken(self, hint: Any) -> Schema:
        """What a field of a request takes, bounds and all."""
        if hint == tuple[JobState, ...]:
            return array(STATE)
        ((found,), named) = msgspec.json.schema_components([hint], ref_template=REFERENCE)
        self.schemas |= {name: _readable(schema) for name, schema in named.items()}
        schema: Schema = _readable(found)
        return schema

    def _record(self, kind: Any) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for part in (kind, *_PARTS) if kind is JobView else (kind,):
            hints = get_type_hints(part, include_extras=True)
            for name in field_names(part):
                if name in HIDDEN or (part is JobView and name in JOINED):
                    continue
                special = _SPECIAL.get((part, name))
                binary = bytes in {hints[name], *get_args(hints[name])}
                properties[name] = special or (
                    {"type": ["string", "null"]} if binary else self._value(hints[name])
                )
                if binary:
                    properties[name + BASE64] = {"type": "string", "contentEncoding": "base64"}
                else:
                    required.append(name)
        shape = {**item(**properties), "required": required}
        return {**shape, "description": _sentence(kind)}

    def _value(self, hint: Any) -> Schema:
        origin, parts = get_origin(hint), get_args(hint)
        if hint in _PLAIN:
            return _PLAIN[hint]
        if origin is Annotated:
            return self._value(parts[0])
        if origin is Literal:
            return {"type": "string", "enum": list(parts)}
        if origin in {Union, UnionType}:
            return {"anyOf": [self._value(part) for part in parts]}
        if origin is tuple:
            return array(self._value(parts[0]))
        assert isinstance(hint, type), hint
        if issubclass(hint, Enum):
            return {"type": "string", "enum": [member.name.lower() for member in hint]}
        assert attrs.has(hint) or issubclass(hint, Struct), hint
        return self.reply(hint)


def _sentence(kind: Any) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _readable(schema: Any) -> Any:
    """The same with patterns as ECMA-262 writes them."""
    if isinstance(schema, list):
        return [_readable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _readable(one) for name, one in schema.items()}
    if isinstance(pattern := found.get("pattern"), str):
        found["pattern"] = pattern.replace(r"\A", "^").replace(r"\Z", "$")
    return found
