"""What can be told about the connections of the line protocol."""

from attrs import define, frozen


@define
class Counters:
    """Events since start."""

    accepted: int = 0
    refused: int = 0
    broken: int = 0
    slow: int = 0
    strangers: int = 0
    handshakes_failed: int = 0
    accept_failures: int = 0


@frozen
class Statistics:
    """The connections of all listeners now, and what became of them since start."""

    connections: int
    unsent: int
    """Bytes no reader has taken yet."""
    in_flight: int
    """Bytes of commands without an answer."""
    accepted: int
    refused: int
    """Closed at once, because there were `limits.connections` of them."""
    broken: int
    """Closed by the guard: an error in the server."""
    slow: int
    """Closed as the slowest reader past `limits.output`."""
    strangers: int
    """Closed because they neither logged in nor finished a command."""
    handshakes_failed: int
    accept_failures: int
    """Times the system had no descriptor or memory for another connection."""
