"""Those who take jobs: subscriptions that are pushed to, and reserves that wait."""

from engine.access import Caller, Peer
from engine.claim import Claim
from engine.commands import Reserve, Subscribe, Unsubscribe
from engine.events import What
from engine.queue_state.core import QueueCore
from engine.queue_state.matching import remember_call, take_now
from engine.queue_state.moves import freed
from engine.queue_state.view import view
from engine.queue_state.waiting import Waiter
from engine.replies import OK, Code, Granted, Refused, Reply, ReplyTo


def subscribe(q: QueueCore, c: Subscribe, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Jobs are pushed from now on; a second time changes types and credit only."""
    peer = who.peer
    if peer is None:
        return Refused(Code.FORBIDDEN, "only a connection can subscribe")
    q.make(now)
    types = tuple(dict.fromkeys(c.types))
    peer.owes = False
    peer.since = peer.since or now
    waiter = q.subscriptions.get(peer)
    q.before.setdefault(peer, None if waiter is None else (waiter.who, waiter.types, waiter.credit))
    if waiter is None:
        waiter = q.subscriptions[peer] = Waiter(who, types, credit=c.credit)
        waiter.held.update(q.held.get(peer, {}))
        q.cleared["workers"] = False
        if q.storage.heard:
            q.news.queue(What.WORKER_CAME, now, who.principal.name)
    elif (waiter.types, waiter.credit) != (types, c.credit):
        q.leave_line(waiter)
        waiter.types = types
        waiter.credit = c.credit
    waiter.who = who
    freed(q, peer)
    return OK


def unsubscribe(q: QueueCore, c: Unsubscribe, who: Caller, to: ReplyTo, now: float) -> Reply:
    """No more pushes; what is in hand stays."""
    if who.peer is not None:
        drop_subscription(q, who.peer, now)
    return OK


def drop_subscription(q: QueueCore, peer: Peer, now: float) -> None:
    """Forget a subscription, if there is one."""
    waiter = q.subscriptions.pop(peer, None)
    if waiter is not None:
        q.before.setdefault(peer, (waiter.who, waiter.types, waiter.credit))
        q.leave_line(waiter)
        if q.storage.heard:
            q.news.queue(What.WORKER_LEFT, now, waiter.who.principal.name)


def reserve(q: QueueCore, c: Reserve, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """Take what is ready; with nothing there, stand in line for as long as asked."""
    if not q.number:
        q.make(now)
    types = tuple(dict.fromkeys(c.types)) if c.types else ()
    waiter = Waiter(who, types, to, c.limit, c.lease)
    if isinstance(to, Claim) and to.taken:
        return None
    jobs = take_now(q, waiter, now)
    if jobs or not c.wait or (who.peer is not None and who.peer.silent):
        remember_call(q, waiter, jobs)
        return Granted(tuple([view(q, job) for job in jobs]))
    q.park(waiter, now + c.wait)
    return None
