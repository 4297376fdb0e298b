"""What can go wrong with a store, by stable code.

This module imports nothing, so that the writer's process starts fast.
"""


class StoreError(Exception):
    """The store cannot do what was asked; the message says what a person can do about it."""

    code = "store-error"


class WrongKey(StoreError):
    """The key does not open this file. Nothing was changed."""

    code = "wrong-key"


class ForeignFile(StoreError):
    """The file is no store of ours (another program's, or not encrypted). Nothing was changed."""

    code = "foreign-file"


class DamagedFile(StoreError):
    """The file fails its integrity checks. Nothing was changed."""

    code = "damaged-file"


class NewerFile(StoreError):
    """The file was written by a newer version. Nothing was changed."""

    code = "newer-file"


class StoreInUse(StoreError):
    """Another server has this store open. Nothing was changed."""

    code = "store-in-use"


class StoreFull(StoreError):
    """No space: the commit was rolled back whole and may be tried again."""

    code = "storage-full"


class NoMemory(StoreFull):
    """There was no memory for the commit, so it did not begin; it may be tried again."""

    code = "no-memory"


class StoreBroken(StoreError):
    """A read, write or sync failed; the fate of the commit is unknown. The process must stop."""

    code = "store-broken"


class Fenced(StoreError):
    """Somebody else owns this shard now; nothing was committed."""

    code = "fenced"


BY_CODE: dict[str, type[StoreError]] = {
    kind.code: kind
    for kind in (
        StoreError,
        WrongKey,
        ForeignFile,
        DamagedFile,
        NewerFile,
        StoreInUse,
        StoreFull,
        NoMemory,
        StoreBroken,
        Fenced,
    )
}
"""The class of an error that came from the writer's process as its code."""
