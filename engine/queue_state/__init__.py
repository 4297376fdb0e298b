"""PURE: one queue, its jobs, indexes, alarms and waiting workers, as arithmetic."""

from engine.queue_state.core import MOST_CHANGES
from engine.queue_state.limits import QueueLimits, Storage
from engine.queue_state.neighbours import Neighbours
from engine.queue_state.requests import Requests
from engine.queue_state.state import BULKS, QueueState
from engine.queue_state.step import Parting, Step

__all__ = [
    "BULKS",
    "MOST_CHANGES",
    "Neighbours",
    "Parting",
    "QueueLimits",
    "QueueState",
    "Requests",
    "Step",
    "Storage",
]
