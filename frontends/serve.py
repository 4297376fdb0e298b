"""The composition root: settings -> store -> engine -> front-ends, and the order of stopping."""

import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import trio
from attrs import evolve

from config.loading import Loaded
from config.mistakes import SettingsError
from config.places import StorePlace, store_place
from config.settings import Settings
from config.users import Account, accounts
from engine.directory import Directory, run_engine
from engine.directory.history import Historian
from engine.store.protocol import Store, StoreError
from frontends import logs
from frontends.answered import Answered, CountedEngine
from frontends.doors import http_server, rpc_server
from frontends.engine_settings import engine_settings
from frontends.first_start import FirstStartError, administrator
from frontends.http.jobengine.declared import keep_declared, take_over
from frontends.http.site import Site
from frontends.lines.door import Door
from frontends.lines.line_settings import LineSettings, line_settings
from frontends.lines.session import Session
from frontends.listeners import Bound, StartError, bind_all
from frontends.listening import written
from frontends.login import KEY_BYTES, Login
from frontends.means import exit_after, raise_descriptor_limit
from frontends.observed import observe
from frontends.opening_store import opened_store
from frontends.rpc.server import RpcServer
from frontends.store_care import copier
from frontends.tcp.server import LineServer, Wiring
from frontends.users import Users

if TYPE_CHECKING:
    from frontends.http.server import HttpServer

log = structlog.get_logger(__name__)

FAILED: Final = 1
HANG: Final = 2.0
"""Seconds past the grace after which the process ends, whatever holds it."""
VERSION: Final = "jobyard/0.1.0"

Load = Callable[[], Loaded]


class Serving:
    """A server that serves: where, and its parts, for whoever started it in the same process."""

    def __init__(
        self,
        engine: Directory,
        lines: LineServer,
        http: "HttpServer | None",
        rpc: RpcServer | None,
        users: Users,
        bound: Bound,
        stop: trio.Event,
    ) -> None:
        self.engine = engine
        self.lines = lines
        self.http = http
        self.rpc = rpc
        self.addresses = tuple(written(*each.getsockname()[:2]) for each in bound.lines())
        """Of the line protocol."""
        self.web_addresses = tuple(written(*each.getsockname()[:2]) for each in bound.web())
        """Of HTTP."""
        self.rpc_addresses = tuple(written(*each.getsockname()[:2]) for each in bound.rpc)
        """Of RPC and its page."""
        self.stop = stop
        """Set it to stop the server."""
        self._users = users
        self._bound = bound

    def reload(self, settings: Settings) -> None:
        """Take over users, groups and the certificate; nothing else changes while it runs.

        Sessions of users that are gone, or may do other things than before, are closed. Settings
        without users leave those there are: nobody can be locked out by an empty file.

        Raises:
            OSError: the certificate cannot be read; users are taken over all the same.
        """
        found = accounts(settings.users) if settings.users else None
        closed = self._users.configure(found, settings.group_names)
        log.info("users-read-again", users=len(self._users), closed=closed)
        if self._bound.reload():
            log.info("certificate-read-again")


def run(loaded: Loaded, load: Load) -> int:
    """Serve until a signal says stop; the exit code."""
    logs.configure(loaded.settings.log_level)
    code = 0
    try:
        trio.run(_until_signal, loaded, load, strict_exception_groups=True)
    except* (StartError, FirstStartError, StoreError) as group:
        for error in _leaves(group):
            kind = getattr(error, "code", "cannot-start")
            sys.stderr.write(f"jobyard: {kind}: {error}\n")
        code = FAILED
    return code


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


async def _until_signal(loaded: Loaded, load: Load) -> None:
    # Listened to from the first breath: a signal's own way is to end the process on the spot.
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as arriving:
        async with trio.open_nursery() as nursery:
            async with serving(loaded.settings) as server:
                nursery.start_soon(_obey_signals, arriving, server, loaded, load)
                nursery.start_soon(keep_declared, server.engine, load)
                await server.stop.wait()
                grace = loaded.settings.stop.grace
                exit_after(grace + HANG)
                log.info("stopping", grace=grace)
            nursery.cancel_scope.cancel()


async def _obey_signals(
    arriving: AsyncIterator[int], server: Serving, loaded: Loaded, load: Load
) -> None:
    async for number in arriving:
        if number != signal.SIGHUP:
            server.stop.set()
        elif not server.stop.is_set():
            try:
                loaded = _read_again(load, loaded.files)
                server.reload(loaded.settings)
                await take_over(server.engine, loaded.settings.jobengine)
            except (SettingsError, OSError) as error:
                log.error("reload-refused", error=str(error))  # noqa: TRY400 - its sentence says all


def _read_again(load: Load, files: Sequence[Path]) -> Loaded:
    """What is said now. A file that was read before may not be missing: its users would be gone."""
    found = load()
    gone = [path for path in files if path not in found.files]
    if gone:
        raise FileNotFoundError(f"{', '.join(map(str, gone))}: there is no such file any more")
    return found


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Serving]:
    """A whole server, started; it stops in order at the end of the block.

    Raises:
        StartError: a port is taken, or a certificate cannot be read.
        FirstStartError: the administrator's files cannot be read or written.
        StoreError: the store refuses.
    """
    bound = await bind_all(settings)
    try:
        doors = any(bound.lines()) + any(bound.web()) + any(bound.rpc)
        warning = raise_descriptor_limit(settings.limits.connections, doors)
        if warning is not None:
            log.warning("few-descriptors", sentence=warning)
        place = store_place(settings)
        async with opened_store(settings, place) as store:
            users = _users(settings, place)
            async with _engine_and_doors(settings, store, users, bound) as server:
                _announce(server, store, settings)
                yield server
    finally:
        bound.close()


@asynccontextmanager
async def _engine_and_doors(
    settings: Settings, store: Store, users: Sequence[Account], bound: Bound
) -> AsyncGenerator[Serving]:
    facts = line_settings(settings, started_at=0.0, version=VERSION)
    told = evolve(engine_settings(settings, facts.terms.options), copy_store=copier(settings))
    async with run_engine(store, told) as engine:
        login = Login(users, settings.login, key=os.urandom(KEY_BYTES), clock=trio.current_time)
        facts = evolve(facts, started_at=engine.clock.now(), users=login.accounts)
        stop = trio.Event()
        book = Users(engine, login, users, settings.group_names)
        wiring = Wiring(
            make_session=_sessions(engine, facts),
            login=login,
            groups=book.groups(),
            stop=stop.set,
            now=engine.clock.now,
        )
        lines = LineServer(wiring, settings.limits)
        book.on_change.append(lines.replace_users)
        for listener in bound.plain:
            lines.listen(listener)
        for listener in bound.encrypted:
            assert bound.certificate is not None
            lines.listen_tls(listener, bound.certificate, settings.tls.handshake)
        engine.committer.flushers.append(lines.flush)
        observed = observe(engine)
        observed.answered["lines"] = facts.answered
        observed.connections["lines"] = lambda: lines.statistics().connections
        counted = observed.answered["http"] = Answered()
        site = Site(
            CountedEngine(engine, counted), login, settings, lines.groups, engine.clock.now,
            VERSION, facts.started_at, observed, lines.sessions,
        )  # fmt: skip
        await take_over(engine, settings.jobengine)
        http = http_server(site, bound)
        rpc = rpc_server(engine, site, bound)
        server = Serving(engine, lines, http, rpc, book, bound, stop)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(observed.lag.run)
            nursery.start_soon(book.run)
            nursery.start_soon(Historian(engine).run)
            await nursery.start(lines.run)
            if http is not None:
                book.on_change.append(http.replace_users)
                await nursery.start(http.run)
            if rpc is not None:
                book.on_change.append(rpc.replace_users)
                await nursery.start(rpc.run)
            yield server
            with trio.CancelScope(shield=True, deadline=trio.current_time() + settings.stop.grace):
                await _stop(server, settings.stop.grace)
            nursery.cancel_scope.cancel()


async def _stop(server: Serving, grace: float) -> None:
    """Take nobody in, answer everybody, let them read it, close."""
    lines, http, rpc = server.lines, server.http, server.rpc
    lines.stop_accepting()
    lines.stop_reading()
    if http is not None:
        http.stop_accepting()
    if rpc is not None:
        rpc.stop_accepting()
        rpc.stop_reading()
    await server.engine.stop()
    async with trio.open_nursery() as doors:
        doors.start_soon(lines.drain, grace / 2)
        if http is not None:
            doors.start_soon(http.drain, grace / 2)
        if rpc is not None:
            doors.start_soon(rpc.drain, grace / 2)


def _sessions(engine: Directory, facts: LineSettings) -> Callable[..., Session]:
    def make(door: Door, address: str, *, local: bool, encrypted: bool) -> Session:
        return Session(
            door, engine, facts, address,
            local=local, encrypted=encrypted, now=engine.clock.now,
        )  # fmt: skip

    return make


def _users(settings: Settings, place: StorePlace | None) -> Sequence[Account]:
    if settings.users:
        return accounts(settings.users)
    found = administrator(None if place is None else place.folder, os.urandom)
    for line in found.notice():
        sys.stderr.write(f"{line}\n")
    return (found.account,)


def _announce(server: Serving, store: Store, settings: Settings) -> None:
    known = store.statistics()
    log.info(
        "serving",
        lines=list(server.addresses),
        http=list(server.web_addresses),
        rpc=list(server.rpc_addresses),
        store=known.path or known.kind,
        encrypted=known.cipher or "no",
        groups=list(settings.group_names),
        pid=os.getpid(),
    )
