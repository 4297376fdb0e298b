"""The doors of one life of the server that read streams, HTTP and RPC, wired as it has them."""

from typing import Any, Final, cast

import trio
from hypercorn.typing import ASGIFramework

from config.sections import Jobs, Reconnect, Rpc
from config.settings import Settings
from config.users import Grant, Group, User, accounts
from engine.directory import Directory
from frontends.http.asgi import Application
from frontends.http.bounds import bounds
from frontends.http.edge import Edge
from frontends.http.exchange import Speaks
from frontends.http.heads import Names
from frontends.http.load import Ends, Entrance, Load
from frontends.http.native.api import Native
from frontends.http.site import Site
from frontends.login import KEY_BYTES, Login
from frontends.rpc.connection import Connection
from frontends.rpc.place import Place
from frontends.rpc.wire import Wire
from jobyard.soak.pipe import Pipe

PASSWORD: Final = "-"  # noqa: S105 - of users that are not real
RETRY: Final = 0.2
"""Seconds until a job that failed is tried again."""


def told(group: str, user: str, lease: float, grace: float) -> Settings:
    """The settings: one user, who may do everything in one group."""
    return Settings(
        groups=(Group(group),),
        users=(User(user, password=PASSWORD, groups=(Grant(group),)),),
        jobs=Jobs(
            lease=lease, max_attempts=50, backoff_min=RETRY, backoff_max=RETRY, backoff_jitter=0.0
        ),
        reconnect=Reconnect(grace=grace),
        rpc=Rpc(group=group),
    )


class Doors:
    """Serve pipes; whoever opens one ends with the nursery it is served in."""

    def __init__(self, engine: Directory, settings: Settings) -> None:
        """Stand before an engine."""
        login = Login(
            accounts(settings.users), settings.login, key=bytes(KEY_BYTES),
            clock=trio.current_time, verify=_wrong,
        )  # fmt: skip
        site = Site(
            engine, login, settings, lambda: settings.group_names, engine.clock.now, "0", 0.0
        )
        self._load = Load(bounds(settings))
        application = Application(
            [Native(site)], Speaks.EVERYTHING, None, None, streams=set(), local=True
        )
        names = Names((settings.host,), local=True)
        self._entrance = Entrance(cast("ASGIFramework", application), names)
        self._place = Place(engine, login, settings, engine.clock.now)
        self._dirty: list[Wire] = []

    def flush(self) -> None:
        """Write what was answered, after each commit."""
        dirty, self._dirty = self._dirty, []
        for wire in dirty:
            wire.flush()

    async def http(self, pipe: Pipe) -> None:
        """Serve one that speaks HTTP."""
        ends = Ends((pipe.name, 1), ("127.0.0.1", 2), encrypted=False)
        await Edge(self._entrance, self._load, cast("Any", pipe.stream), ends).run()

    async def rpc(self, pipe: Pipe) -> None:
        """Serve one that speaks RPC."""
        stream = cast("Any", pipe.stream)
        await Connection(self._place, stream, pipe.name, local=True, dirty=self._note).run()

    def _note(self, wire: Wire) -> None:
        self._dirty.append(wire)


async def _wrong(_: str, __: str) -> bool:
    """There are no hashes to hold a password against."""
    await trio.lowlevel.checkpoint()
    return False
