"""Which HTTP listeners the settings ask for, and what each of them speaks."""

from typing import Literal

from attrs import frozen

from config.settings import Settings

Dialect = Literal["main", "jobengine-v0", "jobengine-v1"]


@frozen
class HttpListener:
    """One port to be bound."""

    host: str
    port: int
    """0: the system chooses."""
    speaks: Dialect
    setting: str
    """What names it, for messages."""
    named: bool = True
    """Somebody asked for it. One that nobody named gives way when its port is taken."""


def http_listeners(settings: Settings) -> tuple[HttpListener, ...]:
    """Every HTTP listener, the main one first; of settings that name one port the first counts."""
    http, jobengine = settings.http, settings.jobengine
    main = http.host or settings.host
    theirs = jobengine.host or settings.host
    wanted: tuple[tuple[str, str, int | None, Dialect], ...] = (
        ("http.port", main, settings.http_port, "main"),
        ("jobengine.v0_port", theirs, jobengine.v0_port, "jobengine-v0"),
        ("jobengine.v1_port", theirs, jobengine.v1_port, "jobengine-v1"),
    )
    found: dict[object, HttpListener] = {}
    for setting, host, port, speaks in wanted:
        if port is not None:
            named = speaks != "main" or settings.names_http
            key = port or setting
            found.setdefault(key, HttpListener(host, port, speaks, setting, named))
    return tuple(found.values())
