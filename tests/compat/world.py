"""The real engine and real sessions of one configuration, without sockets and in virtual time."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from config.loading import load
from config.settings import Settings
from config.users import accounts
from engine.access import Peer, Principal
from engine.directory import Directory
from engine.testing import memory_engine
from frontends.engine_settings import engine_settings
from frontends.lines.line_settings import LineSettings, line_settings
from frontends.lines.session import Session
from frontends.principals import principal


class World:
    """Clients by name; the door of their sessions."""

    def __init__(self, settings: Settings, facts: LineSettings, engine: Directory) -> None:
        self.settings = settings
        self.facts = facts
        self.engine = engine
        self.clients: dict[str, Session] = {}
        self.heard: dict[str, bytes] = {}
        self.closed: list[str] = []
        self.stopped = False
        self._open: list[Peer] = []

    def connect(self, name: str) -> None:
        session = Session(
            self, self.engine, self.facts, f"127.0.0.1:{40_001 + len(self.clients)}",
            local=True, encrypted=False, now=self.engine.clock.now,
        )  # fmt: skip
        self.clients[name] = session
        self.heard[name] = b""
        self._open.append(session)

    def close(self, name: str) -> None:
        session = self.clients.pop(name)
        self._open.remove(session)
        session.closed()

    @property
    def addresses(self) -> dict[str, str]:
        return {name: session.address for name, session in self.clients.items()}

    async def send(self, name: str, chunk: bytes) -> None:
        self.clients[name].receive(chunk)
        await self.settle()

    async def settle(self) -> None:
        """Until nothing more happens at this moment."""
        said = True
        while said:
            for session in self.clients.values():
                while not session.held and session.turn(64):
                    pass
            await wait_all_tasks_blocked()
            heard = [self._hear(name) for name in list(self.clients)]
            said = any(heard)

    def _hear(self, name: str) -> bool:
        session = self.clients[name]
        said = session.output()
        self.heard[name] += said
        if session.closing:
            self.close(name)
            self.closed.append(name)
        return bool(said)

    async def wait(self, seconds: float) -> None:
        """Let time pass, ringing each session that asked for it."""
        end = trio.current_time() + seconds
        clock = self.engine.clock
        while True:
            deadlines = [one.deadline or inf for one in self.clients.values()]
            next_one = min([clock.deadline(at) for at in deadlines if at < inf], default=inf)
            await trio.sleep_until(min(next_one, end))
            await self.settle()
            if next_one > end:
                return
            for session in list(self.clients.values()):
                if session.deadline is not None and session.deadline <= clock.now():
                    session.silence(clock.now())
            await self.settle()

    def take(self) -> tuple[dict[str, list[str]], list[str]]:
        """What was heard since the last time, as lines, and who was closed."""
        heard = {}
        for name, said in self.heard.items():
            if said:
                assert said.endswith(b"\n")
                heard[name] = said[:-1].decode().split("\n")
            self.heard[name] = b""
        closed, self.closed = self.closed, []
        return heard, closed

    def dirty(self, session: object) -> None:
        assert session in self._open or session in self.clients.values()

    def start_login(
        self,
        session: object,
        name: str,
        password: bytes,
        then: Callable[[Principal | str], None],
    ) -> None:
        assert session in self._open
        for user, account in zip(self.settings.users, accounts(self.settings.users), strict=True):
            if user.username == name and (user.password or "").encode() == password:
                then(principal(account))
                return
        then("invalid-creds")

    def sessions(self) -> list[Peer]:
        return self._open

    def groups(self) -> list[str]:
        return list(self.settings.group_names)

    def stop_server(self) -> None:
        self.stopped = True


@asynccontextmanager
async def world(config: Path) -> AsyncGenerator[World]:
    """A server of this configuration that keeps nothing."""
    settings = load([config]).settings
    facts = line_settings(settings, started_at=0.0, version="0")
    parts = attrs.asdict(engine_settings(settings, facts.terms.options), recurse=False)
    async with memory_engine(**parts) as engine:
        users = accounts(settings.users)
        facts = attrs.evolve(facts, started_at=engine.clock.now(), users=lambda: users)
        yield World(settings, facts, engine)
