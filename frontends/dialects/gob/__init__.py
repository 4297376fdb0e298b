"""Go's gob: streams of values that describe their own types.

Rule 1: whatever bytes come, nothing but `GobError` is raised and no more is held than allowed.
Rule 2: a value is decoded with the type its sender gave it, and encodes again as that type.
Rule 3: where the stream is cut into chunks changes nothing.
"""

from frontends.dialects.gob.decoding import Decoder
from frontends.dialects.gob.encoding import Encoder
from frontends.dialects.gob.reading import Bounds, Received
from frontends.dialects.gob.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    Map,
    Named,
    Schema,
    SliceType,
    StructType,
)
from frontends.dialects.gob.wire import GobError

__all__ = [
    "BOOL",
    "BYTES",
    "FLOAT",
    "INT",
    "INTERFACE",
    "STRING",
    "UINT",
    "Bounds",
    "Decoder",
    "Encoder",
    "GobError",
    "Map",
    "Named",
    "Received",
    "Schema",
    "SliceType",
    "StructType",
]
