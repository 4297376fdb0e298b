"""Who may use a queue beyond the rights of its group: what doors without principals ask for.

A right is a principal's, in a group; this is a queue's own: one key that opens it (JobEngine v1),
or the names of the services that may read and write (JobEngine v0).
"""

from typing import Final

from attrs import field, frozen


@frozen
class QueueAccess:
    """What a queue asks of those doors; as long as it asks anything it does not retire."""

    key: bytes | None = field(default=None, repr=False)
    """Fingerprint of the SHA-512 of its key, 128 lower-case hexadecimal characters."""
    readers: tuple[str, ...] = ()
    """Services that may read."""
    writers: tuple[str, ...] = ()
    """Services that may write."""
    declared: bool = False
    """A settings file of v0 declared it."""


NO_ACCESS: Final = QueueAccess()
"""Of a queue made by another door: it has no key, and nobody is named."""
