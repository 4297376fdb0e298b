"""Wrong passwords, counted for each pair of user and address, and the pauses they bring."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

import trio
from attrs import define, field

from config.sections import LoginLimits

KNOWN: Final = 4_096
"""Addresses whose origin is remembered: a connection may log in with each request."""


@define(eq=False)
class Pair:
    """One user from one address. Its checks go one by one, so guesses cannot outrun the count."""

    name: str
    origin: str
    failures: int = 0
    last: float = 0.0
    """When it failed last."""
    until: float = 0.0
    """No check before this."""
    inside: int = 0
    """Checks that run or wait for their turn."""
    turn: trio.Lock = field(factory=trio.Lock)


class Attempts:
    """The pairs that failed lately, at most `login.watched` of them."""

    def __init__(self, limits: LoginLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._pairs: OrderedDict[tuple[str, str], Pair] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pairs)

    def paused(self, name: str, address: str) -> bool:
        """Whether this pair has to wait."""
        pair = self._pairs.get((name, origin(address)))
        return pair is not None and self.pauses(pair)

    def pauses(self, pair: Pair) -> bool:
        """Whether this pair has to wait."""
        return self._clock() < pair.until

    @contextmanager
    def entered(self, name: str, address: str) -> Iterator[Pair]:
        """A pair while it is checked; afterwards it is forgotten unless it has failures."""
        key = (name, origin(address))
        pair = self._pairs.pop(key, None) or Pair(*key)
        self._pairs[key] = pair
        while len(self._pairs) > self._limits.watched:
            self._pairs.popitem(last=False)  # the one heard of longest ago
        pair.inside += 1
        try:
            yield pair
        finally:
            pair.inside -= 1
            if not pair.failures and not pair.inside and self._pairs.get(key) is pair:
                del self._pairs[key]

    def failed(self, pair: Pair) -> None:
        """One more wrong password; too many and the pair pauses, each time for twice as long."""
        now = self._clock()
        if now - max(pair.last, pair.until) >= self._limits.forget:
            pair.failures = 0
        pair.failures += 1
        pair.last = now
        over = pair.failures - self._limits.failures
        if over >= 0:
            pause = min(self._limits.pause_max, self._limits.pause * 2.0 ** min(over, 64))
            pair.until = now + pause

    def passed(self, pair: Pair) -> None:
        """The right password: what was wrong before is forgotten."""
        pair.failures = 0


@lru_cache(maxsize=KNOWN)
def origin(address: str) -> str:
    """Whom to hold responsible: an IPv4 address, or an IPv6 network of 64 bits.

    A port (`192.0.2.1:5`, `[2001:db8::1]:5`) is left out: each new connection has another.
    """
    host = address
    if address.startswith("["):
        host = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        host = address.partition(":")[0]
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
