"""Looking at every queue for a page, once for all who look at about the same time."""

from typing import Final

import trio
from attrs import define

from frontends.http.pages.standing import Standing
from frontends.observed import Observed

TURN: Final = 100
"""Queues looked at before others have their turn."""
FRESH: Final = 0.5
"""Seconds for which one look serves everybody."""
SHARE: Final = 10.0
"""A look that takes long serves this many times as long."""


@define
class _Look:
    standing: Standing
    until: float


class Standings:
    """How queues stand, by group."""

    def __init__(self, observed: Observed) -> None:
        """Look at this server."""
        self._observed = observed
        self._looks: dict[str | None, _Look] = {}
        self._looking = trio.Lock()

    async def of(self, group: str | None) -> Standing:
        """How the queues of a group stand, or of all groups together."""
        async with self._looking:
            began = trio.current_time()
            known = self._looks.get(group)
            if known is not None and began < known.until:
                return known.standing
            standing = Standing()
            for number, queue in enumerate(self._observed.figures()):
                if group is None or queue.group == group:
                    standing.add(queue)
                if number % TURN == TURN - 1:
                    await trio.lowlevel.checkpoint()
            now = trio.current_time()
            self._looks = {key: look for key, look in self._looks.items() if now < look.until}
            until = now + max(FRESH, SHARE * (now - began))
            self._looks[group] = _Look(standing, until)
            return standing
