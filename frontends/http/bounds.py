"""The bounds of HTTP connections, taken together from the settings."""

from attrs import frozen

from config.settings import Settings


@frozen
class Bounds:
    """Sizes are bytes, times are seconds."""

    connections: int
    head: int
    body: int
    in_flight: int
    """Bodies of all connections together, while they arrive and are answered."""
    head_time: float
    body_time: float
    idle: float
    write: float


def bounds(settings: Settings) -> Bounds:
    """What the settings allow."""
    limits, http = settings.limits, settings.http
    usual = 2 * max(limits.payload, limits.result) + limits.line
    return Bounds(
        connections=limits.connections,
        head=http.head,
        body=min(usual if http.body is None else http.body, limits.in_flight),
        in_flight=limits.in_flight,
        head_time=http.head_time,
        body_time=http.body_time,
        idle=http.idle,
        write=http.write,
    )
