"""What can be set about a store; plain values, so that they cross to the writer's process."""

from typing import Literal, NamedTuple

Cipher = Literal["sqlcipher", "aegis"]


class Options(NamedTuple):
    """How a store is kept. Sizes are bytes."""

    cipher: Cipher = "sqlcipher"
    """`sqlcipher`: AES-256-CBC with HMAC-SHA512 per page, opened by SQLCipher's own tools;
    `aegis`: AEGIS-256, faster, read only by SQLite3 Multiple Ciphers."""
    reserve: int = 16 * 1024 * 1024
    """Space set aside beside the database, given up when the disk is full; 0: none."""
    low_water: int = 64 * 1024 * 1024
    """Below this much free space `statistics().low` is true."""
    log: int = 20 * 1024 * 1024
    """Size the write-ahead log is laid out in at opening: a commit that need not make its file
    longer syncs in half the time. Without effect inline."""
    verify: int = 64 * 1024 * 1024
    """A file up to this size is read whole and checked before it is opened for writing. A
    larger one is checked as it is loaded, which also precedes the first write."""
