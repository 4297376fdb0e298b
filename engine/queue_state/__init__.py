"""PURE: one queue, its jobs, indexes, alarms and waiting workers, as arithmetic."""

from engine.queue_state.core import MOST_CHANGES, QueueLimits, Step, Storage
from engine.queue_state.state import QueueState

__all__ = ["MOST_CHANGES", "QueueLimits", "QueueState", "Step", "Storage"]
