"""One answer for a reserve that waits in several queues at once."""

from engine.replies import Code, Granted, Refused, Reply, ReplyTo


class Claim:
    """The shared reply address of one reserve over several queues.

    Whoever wants to grant or refuse takes the claim first, in the same breath; only the taker may
    answer, so exactly one queue does.
    """

    def __init__(self, to: ReplyTo, queues: int) -> None:
        """Answer to `to`; `queues` of them are asked."""
        self._to = to
        self._open = queues
        self.taken = False
        self._taker: object = None
        self._answered = False

    def take(self, by: object) -> bool:
        """True for the first who asks, false for everybody after."""
        if self.taken:
            return False
        self.taken = True
        self._taker = by
        return True

    def is_for(self, speaker: object) -> bool:
        """Whether this queue's word still counts: nobody took the claim, or this queue did."""
        return not self.taken or self._taker is speaker

    def send(self, reply: Reply) -> None:
        """Pass the answer on. A queue that has nothing only counts, until the last has nothing."""
        if self._answered:
            return
        match reply:
            case Refused(code=Code.INTERNAL) if self.taken:
                pass  # only the taker says so then: it crashed, and nobody else will answer
            case Refused() | Granted(jobs=()):
                self._open -= 1
                if self._open:
                    return
            case _:
                pass
        self.taken = self._answered = True
        self._to.send(reply)
