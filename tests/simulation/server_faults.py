"""Faults that only a whole server can have: planted between its queues, its disk and its loop."""

from typing import Any

import pytest

from engine.committer import Committer
from engine.store.protocol import StoreFull
from frontends.dialects.framing import Reader
from frontends.lines.talk import Talk

Patch = pytest.MonkeyPatch


def full_disk_acknowledged(patch: Patch) -> None:
    commit = Committer._commit

    async def hopes(self: Committer, changes: Any) -> bool:
        store = self.store

        class Hopeful:
            def __getattr__(self, name: str) -> Any:
                return getattr(store, name)

            async def commit(self, *args: Any) -> None:
                try:
                    await store.commit(*args)
                except StoreFull:
                    return

        self.store = Hopeful()
        try:
            return await commit(self, changes)
        finally:
            self.store = store

    patch.setattr(Committer, "_commit", hopes)


def reload_does_not_wait(patch: Patch) -> None:
    async def hasty(self: Committer) -> None:
        """What is being written is not read, and not known."""

    patch.setattr(Committer, "wait_durable", hasty)


def goodbye_unheard(patch: Patch) -> None:
    def leaves(self: Talk) -> None:
        self.deaf = True
        self.box.deafen()

    patch.setattr(Talk, "closed", leaves)


def bytes_lost_between_packets(patch: Patch) -> None:
    feed = Reader.feed

    def forgets(self: Reader, chunk: bytes) -> None:
        if len(chunk) != 7:
            feed(self, chunk)

    patch.setattr(Reader, "feed", forgets)
