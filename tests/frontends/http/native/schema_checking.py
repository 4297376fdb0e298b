"""Answers held against the OpenAPI document."""

from functools import cache
from typing import Any, Final

import jsonschema_rs

from frontends.http.native.openapi import described
from tests.frontends.http.native.calling import SETTINGS, Heard

DOCUMENT: Final = described("0", SETTINGS)


def complaint(method: str, template: str, heard: Heard) -> str | None:
    """What an answer has that the document does not say; None: nothing."""
    operation = DOCUMENT["paths"][template][method.lower()]
    said = operation["responses"].get(str(heard.status))
    if said is None:
        return f"{method} {template}: status {heard.status} is not in the document"
    if "$ref" in said:
        said = DOCUMENT["components"]["responses"][said["$ref"].rpartition("/")[2]]
    content = said.get("content")
    if content is None:
        return None if not heard.text else f"{method} {template}: {heard.status} has a body"
    kind = heard.headers.get("content-type", "")
    if kind not in content:
        return f"{method} {template}: {heard.status} is {kind}"
    errors = [
        f"{error.message} at {error.instance_path}"
        for error in _validator(method, template, heard.status, kind).iter_errors(heard.json)
    ]
    return f"{method} {template}: {errors}" if errors else None


@cache
def _validator(method: str, template: str, status: int, kind: str) -> Any:
    said = DOCUMENT["paths"][template][method.lower()]["responses"][str(status)]
    if "$ref" in said:
        said = DOCUMENT["components"]["responses"][said["$ref"].rpartition("/")[2]]
    schema = {**said["content"][kind]["schema"], "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=False)
