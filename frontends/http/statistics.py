"""What can be told about HTTP connections."""

from attrs import define, frozen


@define
class Counters:
    """Events since start."""

    accepted: int = 0
    refused: int = 0
    broken: int = 0
    slow: int = 0
    late: int = 0
    handshakes_failed: int = 0
    requests: int = 0
    turned_away: int = 0


@frozen
class Statistics:
    """The connections of all HTTP listeners now, and what became of them since start."""

    connections: int
    streams: int
    """Answers that go on until somebody ends them."""
    in_flight: int
    """Bytes of bodies that arrive or are being answered."""
    accepted: int
    refused: int
    """Closed at once, because there were `limits.connections` of them."""
    broken: int
    """Closed by the guard: an error in the server."""
    slow: int
    """Closed because they did not read for `http.write`."""
    late: int
    """Closed because a head or a body did not arrive in time."""
    handshakes_failed: int
    requests: int
    turned_away: int
    """Requests refused before any dialect saw them."""
