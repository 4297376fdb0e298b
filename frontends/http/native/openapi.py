"""The OpenAPI document: made from the table of paths, the commands' fields and the replies.

What other dialects answer stands in `other_paths.json`, written by hand.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec

from config.settings import Settings
from engine import commands as c
from engine.access import Right
from engine.commands import TABLE, Route
from engine.commands.fields import KEY_MAX, LIMIT_MAX
from frontends.dialects.native_adopting import KeptJob
from frontends.dialects.native_json_binding import BASE64, Field, command_fields
from frontends.dialects.native_options import BulkJob
from frontends.http.heads import REFUSALS
from frontends.http.native.path import PREFIX, Path
from frontends.http.native.replies import REPLIES, SHAPES
from frontends.http.native.schemas import Components, Schema, array, item, reference
from frontends.http.native.table import PATHS
from frontends.http.problems import PROBLEM, STATUS

JSON: Final = "application/json"
_PROBLEM: Final = PROBLEM[1].decode()
_BULKS: Final = {c.Publish: BulkJob, c.Adopt: KeptJob}
_ALWAYS: Final = (400, 401, 403, 408, 429, 431, 500, 503)
"""Statuses that any path may answer with."""
_REFUSAL: Final = "Refusal"
_INFO: Final = (
    "Every command of the server. Log in with Basic or a bearer token; name a group by the header "
    "Jobyard-Group or the parameter group, unless there is only one you have rights in. "
    "Times are unix seconds, durations are seconds. Refusals are problem details with a stable "
    "code; they changed nothing."
)


def document(version: str, settings: Settings) -> bytes:
    """The whole document as JSON."""
    return msgspec.json.encode(described(version, settings))


def described(version: str, settings: Settings) -> Schema:
    """The same, as what JSON is made of."""
    components = Components()
    paths: dict[str, Any] = {}
    for path in PATHS:
        template = PREFIX + path.template
        paths.setdefault(template, {})[path.method.lower()] = _operation(path, components, settings)
    other = _other()
    components.schemas["Problem"] = _problem()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jobyard",
            "version": version.removeprefix("jobyard/"),
            "description": _INFO,
        },
        "security": [{"basic": []}, {"token": []}],
        "paths": {**paths, **other["paths"]},
        "components": {
            "schemas": {**components.schemas, **other["schemas"]},
            "responses": {_REFUSAL: _refusal()},
            "parameters": _SHARED,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
                **other["securitySchemes"],
            },
        },
    }


@cache
def _other() -> Any:
    found = resources.files("frontends.http.native").joinpath("other_paths.json")
    return msgspec.json.decode(found.read_bytes())


def _problem() -> Schema:
    text = {"type": "string"}
    codes = STATUS.keys() | {refusal.code for refusal in REFUSALS}
    code = {"type": "string", "enum": sorted(codes), "description": "Stable."}
    shape = item(type=text, title=text, status={"type": "integer"}, code=code, detail=text)
    return {**shape, "required": ["type", "title", "status", "code"]}


def _operation(path: Path, components: Components, settings: Settings) -> Schema:
    rights = [_rights(needs) for needs in path.needs if needs]
    said: Schema = {
        "operationId": path.name,
        "summary": path.sentence,
        "tags": [path.segments[0]],
        "parameters": [*_parameters(path, components, settings)],
        "responses": _responses(path, components),
    }
    if rights:
        said["description"] = f"Needs the right {', and '.join(rights)}."
    if not path.in_query:
        said["requestBody"] = _body(path, components, settings)
    return said


def _rights(needs: int) -> str:
    return " or ".join(str(right.name).lower() for right in Right if right & needs)


# -- what is asked --------------------------------------------------------------------------------


def _parameters(path: Path, components: Components, settings: Settings) -> Iterator[Schema]:
    by_name = {field.name: field for field in command_fields(path.kind)}
    for name in path.in_path:
        schema = components.taken(by_name[name].hint)
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if path.in_query:
        for name, field in path.elsewhere.items():
            schema = _field(by_name[field], components, settings)
            required = by_name[field].required and field not in path.defaults
            yield {"name": name, "in": "query", "required": required, "schema": schema}
    shared = []
    if path.in_group:
        shared += ["Jobyard-Group", "group"]
    if path.conditional:
        shared.append("If-Match" if path.method == "PATCH" else "If-None-Match")
    if path.remembers:
        shared.append("Idempotency-Key")
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in shared)


def _parameter(name: str, place: str, about: str, **bounds: Any) -> Schema:
    schema = {"type": "string", **bounds}
    return {"name": name, "in": place, "description": about, "schema": schema}


_SHARED: Final = {
    "group": _parameter("group", "query", "The group, where there are several."),
    "Jobyard-Group": _parameter("Jobyard-Group", "header", "The same."),
    "If-Match": _parameter("If-Match", "header", "The ETag of what may be changed."),
    "If-None-Match": _parameter("If-None-Match", "header", "The ETag of what is known."),
    "Idempotency-Key": _parameter(
        "Idempotency-Key",
        "header",
        "Asked again with the same one within a day, it is answered again and done once.",
        minLength=1,
        maxLength=KEY_MAX,
        pattern="^[!-~]+$",
    ),
}
"""Parameters of many paths, by their names."""


def _field(field: Field, components: Components, settings: Settings) -> Schema:
    schema = components.taken(field.hint)
    if field.name == "wait":
        return {**schema, "maximum": settings.http.wait}
    return schema


def _body(path: Path, components: Components, settings: Settings) -> Schema:
    bulk = _BULKS.get(path.kind)
    if bulk is not None:
        one = components.taken(bulk)
        many = {**array(one), "minItems": 1, "maxItems": LIMIT_MAX}
        alone = item(jobs=many)
        schema: Schema = {"oneOf": [one, alone]} if path.kind is c.Publish else alone
        return {"required": path.kind is not c.Publish, "content": {JSON: {"schema": schema}}}
    fields = [field for field in command_fields(path.kind) if field.name in path.elsewhere.values()]
    required = [field.name for field in fields if field.required and not field.binary]
    schema = {**item(**_properties(fields, components, settings)), "required": required}
    binary = [field.name for field in fields if field.required and field.binary]
    if binary:
        (name,) = binary
        schema["oneOf"] = [{"required": [name]}, {"required": [name + BASE64]}]
    return {"required": bool(required or binary), "content": {JSON: {"schema": schema}}}


def _properties(
    fields: list[Field], components: Components, settings: Settings
) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for field in fields:
        if field.binary:
            found[field.name] = {"type": "string" if field.hint is bytes else ["string", "null"]}
            found[field.name + BASE64] = {"type": "string", "contentEncoding": "base64"}
        else:
            found[field.name] = _field(field, components, settings)
    return found


# -- what is answered -----------------------------------------------------------------------------


def _responses(path: Path, components: Components) -> dict[str, Schema]:
    refusal = {"$ref": f"#/components/responses/{_REFUSAL}"}
    found = {str(status): refusal for status in sorted({*_refusals(path)})}
    replies = [components.reply(kind) for kind in REPLIES.get(path.kind, ())]
    if path.kind in SHAPES:
        replies.append(SHAPES[path.kind])
    if not replies:
        return {"204": {"description": "Done."}, **found}
    answer: Schema = replies[0] if len(replies) == 1 else {"anyOf": replies}
    good: Schema = {"description": "The answer.", "content": {JSON: {"schema": answer}}}
    if path.conditional:
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
        found["304"] = {"description": "It is still as the ETag of the request says."}
    if path.success == 201:
        good["headers"] = {"Location": {"schema": {"type": "string"}}}
        if path.kind is c.Publish:
            found["200"] = {**good, "description": "The unique key found an earlier job."}
    return {str(path.success): good, **found}


def _refusals(path: Path) -> Iterator[int]:
    yield from _ALWAYS
    rows = [TABLE[kind] for kind in path.serves]
    if path.in_path or path.in_group or path.method != "GET":
        yield 404
    if path.method != "GET":
        yield from (409, 413, 507)
    if not path.in_query:
        yield 415
    if any(row.route is Route.NEW_QUEUE for row in rows):
        yield 507
    if path.conditional and path.method == "PATCH":
        yield 412


def _refusal() -> Schema:
    return {
        "description": "A refusal.",
        "content": {_PROBLEM: {"schema": reference("Problem")}},
    }
