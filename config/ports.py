"""Which of the ports that were named are opened, where some name the same or none was named."""

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from config.settings import Settings

_OTHERS: Final = (
    "tls.port", "http.port", "rpc.port", "rpc.page_port", "jobengine.v0_port", "jobengine.v1_port",
)  # fmt: skip
"""Where one of these is named, what would be opened unasked stays closed."""
_API_PORT: Final = "$API_PORT"


def settled(settings: Settings, origins: Mapping[str, str]) -> Settings:
    """Close what nobody asked for, and what another word for the same port already opens."""
    if any(path in origins for path in _OTHERS):
        if "port" not in origins:
            settings = evolve(settings, port=None)
        if not settings.names_http:
            settings = evolve(settings, http=evolve(settings.http, port=-1))
    return _one_dialect_a_port(settings, origins)


def _one_dialect_a_port(settings: Settings, origins: Mapping[str, str]) -> Settings:
    """A file decides its dialect before the environment does; then the main listener is first."""
    jobengine = settings.jobengine
    main = "http.port" if "http.port" in origins else "web_port"
    named = [
        (main, settings.http_port),
        ("jobengine.v0_port", jobengine.v0_port),
        ("jobengine.v1_port", jobengine.v1_port),
    ]
    named.sort(key=lambda each: origins.get(each[0], "").startswith("$"))
    opened: set[int] = set()
    for path, port in named:
        if not port:
            continue
        if port in opened or (port in _others(settings) and origins.get(path) == _API_PORT):
            settings = _closed(settings, path)
        opened.add(port)
    return settings


def _others(settings: Settings) -> set[int | None]:
    return {settings.port, settings.tls.port, settings.rpc.port, settings.rpc.page_port}


def _closed(settings: Settings, path: str) -> Settings:
    if path == "jobengine.v0_port":
        return evolve(settings, jobengine=evolve(settings.jobengine, v0_port=None))
    if path == "jobengine.v1_port":
        return evolve(settings, jobengine=evolve(settings.jobengine, v1_port=None))
    return evolve(settings, web_port=None, http=evolve(settings.http, port=-1))
