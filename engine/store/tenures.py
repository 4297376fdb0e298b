"""Who owns the one shard of a store: arithmetic, shared by the memory and the SQLite store."""

from collections.abc import Callable

from engine.store.errors import Fenced, StoreError

Held = tuple[int, str, int, float]
"""A tenure as a plain tuple: shard, owner, token, until."""

SHARD = 0


class Tenures:
    """The tenure of shard 0; `token` is the last one given out, ever."""

    def __init__(self, token: int, clock: Callable[[], float]) -> None:
        self.token = token
        self._clock = clock
        self._held: Held | None = None

    def acquire(self, shard: int, owner: str, ttl: float) -> Held | None:
        """A new tenure, or None while another owner's lives."""
        if shard != SHARD:
            raise StoreError(f"there is no shard {shard}: this store has the single shard 0")
        now = self._clock()
        if self._held is not None and self._held[1] != owner and self._held[3] > now:
            return None
        self.token += 1
        self._held = (shard, owner, self.token, now + ttl)
        return self._held

    def renew(self, token: int, ttl: float) -> Held | None:
        """The same tenure with a later end, or None if it was lost."""
        if self._held is None or self._held[2] != token:
            return None
        shard, owner, _, _ = self._held
        self._held = (shard, owner, token, self._clock() + ttl)
        return self._held

    def release(self, token: int) -> None:
        """Nobody owns the shard any more, unless somebody else took it over."""
        if self._held is not None and self._held[2] == token:
            self._held = None

    def owners(self) -> list[Held]:
        """The tenures that live."""
        return [self._held] if self._held is not None and self._held[3] > self._clock() else []

    def check(self, token: int) -> None:
        """Raise Fenced unless this is the tenure that holds."""
        if self._held is None or self._held[2] != token:
            raise Fenced("another owner has taken this shard over; nothing was committed")
