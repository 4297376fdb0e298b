"""What a queue does with a message that is no command."""

from engine.mailbox import Durable, Gone, HalfClosed, Message, Nudge, Stopping, Tick
from engine.queue_state import Parting, QueueState


def obey(state: QueueState, message: Message, now: float, shift: float) -> None:
    """Do it; `shift` is how far the wall clock jumped so far, in seconds."""
    match message:
        case Durable(number):
            state.durable(number, now)
        case Gone(who):
            state.gone(who, now)
        case HalfClosed(peer):
            state.end_waits(peer, now)
        case Nudge(peer):
            state.nudge(peer, now)
        case Tick():
            state.follow_wall(shift, now)
        case Stopping(to):
            state.give_back(to, now)
        case Parting():
            state.arrive(message, now)
        case _:
            raise AssertionError(type(message))
