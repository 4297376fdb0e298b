"""qmanager's tasks as Go's JSON codec carries them.

JSON has no type for a number but one: it is a float64 here, as it is to a Go program that decodes
it into an interface. What is no string, number or truth is kept as the JSON it is.
"""

from base64 import b64encode
from typing import Any, Final

import msgspec

from frontends.dialects.gob import BOOL, FLOAT, GobError, Named, Schema
from frontends.dialects.qmanager import TOO_MUCH, Kept, Task, given_back, kept, string

JSON: Final = "application/json"


def kept_json(value: Any) -> Kept:
    """How a decoded value that is not null is kept.

    Raises:
        GobError: it cannot be.
    """
    match value:
        case str():
            return kept(string(value))
        case bool():
            return kept(Named("bool", Schema.basic(BOOL), value))
        case int() | float():
            try:
                return kept(Named("float64", Schema.basic(FLOAT), float(value)))
            except OverflowError:
                raise GobError("a number is too large for a float64") from None
        case _:
            return Kept(msgspec.json.encode(value), JSON)


def shown(found: Kept | None) -> Any:
    """The value again, as what JSON is made of."""
    if found is None:
        return None
    if found.type == JSON:
        try:
            return msgspec.json.decode(found.content)
        except (msgspec.DecodeError, RecursionError):
            return found.content.decode("utf-8", "replace")
    if found.type == TOO_MUCH:
        return b64encode(found.content).decode()
    value = given_back(found).value
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def task(one: Task) -> dict[str, Any]:
    """A task with the keys that Go gives it."""
    return {
        "Id": one.id,
        "Type": one.type,
        "Input": shown(one.input),
        "Output": shown(one.output),
    }
