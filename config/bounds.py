"""The types of settings with their bounds, each stated once."""

from typing import Annotated, Final, Literal

from msgspec import Meta

SECRET: Final = {"secret": True}
"""`Meta.extra` of what is never shown."""

DAY: Final = 86_400
TEN_YEARS: Final = 3650 * DAY
KIB: Final = 1024
MIB: Final = 1024 * KIB

Host = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        pattern=r"[0-9A-Za-z.:%_-]+",
        description="an address or a host name",
    ),
]
Port = Annotated[int, Meta(ge=-1, le=65535)]
"""A TCP port; 0: the system chooses; -1: not opened."""
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern="[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+",
        description="a name of 1 to 200 characters without control characters",
    ),
]
"""Of a group, queue, type or user, as SEMANTICS says: no control characters, valid UTF-8."""
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Prefix = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"(/[0-9A-Za-z._~-]*[0-9A-Za-z_~-])*",
        description="a path like /jobyard, without a slash at its end",
    ),
]
"""Where the console stands behind a proxy; empty: at the root."""
Password = Annotated[str, Meta(min_length=1, max_length=512, extra=SECRET)]
PasswordHash = Annotated[
    str,
    Meta(
        max_length=512,
        pattern=r"\$argon2id\$v=19\$m=[1-9][0-9]{0,5},t=[1-9][0-9]?,p=[1-9]\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+",
        description="an argon2id hash (`$argon2id$v=19$…`)",
        extra=SECRET,
    ),
]
Passphrase = Annotated[str, Meta(min_length=1, max_length=4096, extra=SECRET)]

Seconds = Annotated[float, Meta(ge=0, le=TEN_YEARS)]
Period = Annotated[float, Meta(ge=0.001, le=TEN_YEARS)]
"""Seconds, more than none."""
Minutes = Annotated[int, Meta(ge=0, le=TEN_YEARS // 60)]
Factor = Annotated[float, Meta(ge=1, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Thousand = Annotated[int, Meta(ge=1, le=1000)]
"""What one step of a queue may be asked to do at once."""
Amount = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""A count that may be none."""
Size = Annotated[int, Meta(ge=1, le=1 << 40)]
"""Bytes."""
Space = Annotated[int, Meta(ge=0, le=1 << 40)]
"""Bytes that may be none."""

LogLevel = Literal["trace", "debug", "info", "warn", "error", "fatal", "panic"]
DelayPolicy = Literal["", "IGNORE"]
RightName = Literal["publish", "work", "read", "manage"]
