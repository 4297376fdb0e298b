"""A server as RPC connections see it: the real engine in virtual time, no sockets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs

from config.sections import Rpc
from config.settings import Settings
from engine.access import caller
from engine.directory import Directory
from frontends.dialects.gob import Bounds
from frontends.rpc.gob_talk import GobTalk
from frontends.rpc.handler import Handler
from frontends.rpc.peer import RpcPeer
from frontends.rpc.place import Place
from tests.frontends.rpc.gob_client import Answer, GobClient
from tests.support.sites import memory_site


class GoProgram:
    """A Go program and the server's side of its connection."""

    def __init__(self, place: Place, address: str) -> None:
        self.peer = RpcPeer(address)
        resident = place.resident()
        assert resident is not None
        settings = place.settings
        who = caller(resident, settings.rpc.group, self.peer)
        handler = Handler(place.engine, who, settings.rpc, place.policy)
        self.talk = GobTalk(handler, self._hear, Bounds())
        self.client = GobClient(self._send)
        self.heard: list[Answer] = []
        self._place = place

    def _send(self, data: bytes) -> None:
        self.talk.receive(data)
        self.talk.turn(256)

    def _hear(self, data: bytes) -> None:
        self.heard += self.client.hear(data)

    def leave(self) -> None:
        self._place.engine.gone(self.peer)


@asynccontextmanager
async def memory_place(settings: Settings | None = None) -> AsyncGenerator[tuple[Place, Directory]]:
    """A server of these settings that keeps nothing."""
    settings = settings or Settings(rpc=Rpc(port=8090))
    async with memory_site(attrs.evolve(settings)) as site:
        assert isinstance(site.engine, Directory)
        yield Place(site.engine, site.login, settings, site.now), site.engine
