"""What the engine is told of the settings."""

from attrs import field, frozen

from engine import commands as c
from engine.queue_state import QueueLimits


@frozen
class EngineSettings:
    """What the engine is told of the settings. Times in seconds."""

    limits: QueueLimits = field(factory=QueueLimits)
    queues: int = 100_000
    """Queues over all groups."""
    idle: float = 3_600.0
    stall: float = 5.0
    crashes: int = 5
    batch: int = 1_000
    grace: float = 0.0
    """After a restart, before a job of a lost connection comes back."""
    resident: int = 2**30
    requests: int = 1_000_000
    """Remembered request ids over all queues, and for how long."""
    request_window: float = 86_400.0
    freeze_every: int = 0
    """Jobs after which what is in memory is kept from the collector: its pauses grow with all that
    lives. Garbage of that moment stays for ever, so only a server that knows its own does so."""
    recurring: c.PublishOptions | None = None
    """How jobs made on schedule are treated; None: by the defaults."""
