"""Events on their way to whoever listens, numbered as they became durable.

A listener has no buffer of its own: it is a place in a list that all listeners of the same filter
share. Who falls behind what that list keeps is cut off; nobody makes it longer.
"""

from collections.abc import Sequence
from typing import Final, Self

import trio

from engine.events import Event, EventId, Filter
from engine.queue_state import Storage
from engine.source import Source

LINGER: Final = 300.0
"""Seconds events are kept while nobody listens, for who left or is about to come."""


class Feed:
    """The last events, and those who listen."""

    def __init__(self, storage: Storage, source: Source, most: int) -> None:
        """Keep `most` events, while there is anybody to keep them for."""
        self._storage = storage
        self._source = source
        self._most = most
        self._ring: list[Event] = []
        self._last = 0
        self._channels: dict[Filter, Channel] = {}
        self._until = -1.0
        self.listeners = 0
        self.closed = False

    @property
    def last(self) -> EventId:
        """The newest event."""
        return EventId(self._source.boot, self._last)

    def tell(self, events: Sequence[Event]) -> None:
        """Events of a step that is durable."""
        if not self.listeners and trio.current_time() > self._until:
            self._forget()
            return
        for number, event in enumerate(events, self._last + 1):
            event.number = number
        self._last += len(events)
        _keep(self._ring, events, self._most)
        for channel in self._channels.values():
            channel.tell(events)

    def listen(self, wanted: Filter, after: EventId | None = None) -> "Listener":
        """Hear what happens from now on, or from what followed `after`, if that is still known.

        Whoever listens leaves again: the listener is a context manager.
        """
        self._storage.heard = True
        missed: list[Event] = []
        gap = after is not None and not self._knows(after)
        if after is not None and not gap:
            kept = self._last - after.number
            missed = [
                event for event in self._ring[len(self._ring) - kept :] if wanted.wants(event)
            ]
        channel = self._channels.get(wanted)
        if channel is None:
            channel = self._channels[wanted] = Channel(wanted, self._most)
        channel.listeners += 1
        self.listeners += 1
        start = self.last if after is None or gap else after
        return Listener(self, channel, missed, start, gap=gap)

    def place(self) -> EventId:
        """Where to listen from later: what follows is kept a while, though nobody listens yet."""
        self._storage.heard = True
        self._until = trio.current_time() + LINGER
        return self.last

    def leave(self, channel: "Channel") -> None:
        """One listener less."""
        channel.listeners -= 1
        self.listeners -= 1
        if not channel.listeners:
            self._channels.pop(channel.wanted, None)
        if not self.listeners:
            self._until = trio.current_time() + LINGER

    def close(self) -> None:
        """Nothing more comes: every listener is told so."""
        self.closed = True
        for channel in self._channels.values():
            channel.ring()

    def _knows(self, after: EventId) -> bool:
        oldest = self._last - min(len(self._ring), self._most)
        return after.boot == self._source.boot and oldest <= after.number <= self._last

    def _forget(self) -> None:
        self._storage.heard = False
        self._ring.clear()
        self._last += 1  # what is not told has a number too: nobody goes on behind it unawares


class Channel:
    """The events of one filter, for all who want just those."""

    def __init__(self, wanted: Filter, most: int) -> None:
        """Begin with what comes next."""
        self.wanted = wanted
        self.listeners = 0
        self.first = 0
        """How many were let go of already."""
        self.events: list[Event] = []
        self._most = most
        self._bell = trio.Event()

    @property
    def end(self) -> int:
        """How many there have been."""
        return self.first + len(self.events)

    def tell(self, events: Sequence[Event]) -> None:
        """Take over what passes."""
        wants = self.wanted.wants
        passed = [event for event in events if wants(event)]
        if passed:
            self.first += _keep(self.events, passed, self._most)
            self.ring()

    def clear(self) -> None:
        """Everybody has what there was."""
        self.first = self.end
        self.events = []

    def ring(self) -> None:
        """Wake everybody."""
        self._bell.set()
        self._bell = trio.Event()

    async def wait(self) -> None:
        """Return at the next ring."""
        await self._bell.wait()


class Listener:
    """One place in the feed."""

    def __init__(
        self, feed: Feed, channel: Channel, missed: list[Event], start: EventId, *, gap: bool
    ) -> None:
        """Begin at the end of the channel, after what was missed."""
        self.start = start
        """Where it begins; with this it may come back before the first event."""
        self.gap = gap
        """It could not go on where it wanted to."""
        self.cut = False
        """It was too slow; nothing more comes."""
        self._feed = feed
        self._channel = channel
        self._missed = missed
        self._at = channel.end

    def __enter__(self) -> Self:
        """Listen."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._feed.leave(self._channel)

    async def next(self) -> Sequence[Event]:
        """What happened since, at least one; nothing once it is cut off or the engine stops."""
        if self._missed:
            missed, self._missed = self._missed, []
            return missed
        channel = self._channel
        while self._at == channel.end and not self._feed.closed:
            await channel.wait()
        if self._at < channel.first:
            self.cut = True
            return ()
        events = channel.events[self._at - channel.first :]
        self._at = channel.end
        if channel.listeners == 1:
            channel.clear()
        return events


def _keep(kept: list[Event], events: Sequence[Event], most: int) -> int:
    """Append, and let go of what is too old, now and then; how many went."""
    kept.extend(events)
    if len(kept) < 2 * most:
        return 0
    gone = len(kept) - most
    del kept[:gone]
    return gone
