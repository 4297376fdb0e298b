"""The composition root: settings -> store -> engine -> front-ends, and the order of stopping."""

import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
import trio
from attrs import evolve, frozen

from config.loading import Loaded
from config.mistakes import SettingsError
from config.places import StorePlace, store_place
from config.settings import Settings
from config.users import Account, accounts
from engine.directory import Directory, run_engine
from engine.store.open import open_store
from engine.store.protocol import Store, StoreError
from frontends import logs
from frontends.certificate import Certificate
from frontends.engine_settings import engine_settings, store_options
from frontends.first_start import FirstStartError, administrator
from frontends.lines.door import Door
from frontends.lines.line_settings import LineSettings, line_settings
from frontends.lines.session import Session
from frontends.listening import bind, written
from frontends.login import KEY_BYTES, Login
from frontends.means import exit_after, raise_descriptor_limit
from frontends.principals import principal
from frontends.tcp.server import LineServer, Wiring

log = structlog.get_logger(__name__)

FAILED: Final = 1
HANG: Final = 2.0
"""Seconds past the grace after which the process ends, whatever holds it."""
VERSION: Final = "jobyard/0.1.0"

Load = Callable[[], Loaded]


class StartError(Exception):
    """The server cannot start; the message says what to do."""


@frozen
class Bound:
    """Sockets that listen, before anybody is served."""

    plain: Sequence[socket.socket]
    encrypted: Sequence[socket.socket]
    certificate: Certificate | None


class Serving:
    """A server that serves: where, and its parts, for whoever started it in the same process."""

    def __init__(
        self, engine: Directory, lines: LineServer, login: Login, bound: Bound, stop: trio.Event
    ) -> None:
        self.engine = engine
        self.lines = lines
        self.addresses = tuple(
            written(*listener.getsockname()[:2]) for listener in (*bound.plain, *bound.encrypted)
        )
        self.stop = stop
        """Set it to stop the server."""
        self._login = login
        self._certificate = bound.certificate

    def reload(self, settings: Settings) -> None:
        """Take over users, groups and the certificate; nothing else changes while it runs.

        Sessions of users that are gone, or may do other things than before, are closed. Settings
        without users leave those there are: nobody can be locked out by an empty file.

        Raises:
            OSError: the certificate cannot be read; users are taken over all the same.
        """
        before = {each.name: principal(each) for each in self._login.accounts()}
        if settings.users:
            self._login.replace_users(accounts(settings.users))
        now = {each.name: principal(each) for each in self._login.accounts()}
        closed = [name for name, could in before.items() if now.get(name) != could]
        self.lines.replace_users(closed, settings.group_names)
        log.info("users-read-again", users=len(now), closed=closed)
        if self._certificate is not None:
            self._certificate.reload()
            log.info("certificate-read-again")


def run(settings: Settings, load: Load) -> int:
    """Serve until a signal says stop; the exit code."""
    logs.configure(settings.log_level)
    code = 0
    try:
        trio.run(_until_signal, settings, load, strict_exception_groups=True)
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


async def _until_signal(settings: Settings, load: Load) -> None:
    # Listened to from the first breath: a signal's own way is to end the process on the spot.
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as arriving:
        async with trio.open_nursery() as nursery:
            async with serving(settings) as server:
                nursery.start_soon(_obey_signals, arriving, server, load)
                await server.stop.wait()
                exit_after(settings.stop.grace + HANG)
                log.info("stopping", grace=settings.stop.grace)
            nursery.cancel_scope.cancel()


async def _obey_signals(arriving: AsyncIterator[int], server: Serving, load: Load) -> None:
    async for number in arriving:
        if number != signal.SIGHUP:
            server.stop.set()
        elif not server.stop.is_set():
            try:
                server.reload(load().settings)
            except (SettingsError, OSError) as error:
                log.error("reload-refused", error=str(error))  # noqa: TRY400 - its sentence says all


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Serving]:
    """A whole server, started; it stops in order at the end of the block.

    Raises:
        StartError: a port is taken, or a certificate cannot be read.
        FirstStartError: the administrator's files cannot be read or written.
        StoreError: the store refuses.
    """
    warning = raise_descriptor_limit(settings.limits.connections)
    if warning is not None:
        log.warning("few-descriptors", sentence=warning)
    bound = await _bind(settings)
    try:
        place = store_place(settings)
        if place is not None:
            _make_private(place.folder)
        async with _store(settings, place) as store:
            users = _users(settings, place)
            async with _engine_and_lines(settings, store, users, bound) as server:
                _announce(server, store, settings)
                yield server
    finally:
        for listener in (*bound.plain, *bound.encrypted):
            listener.close()


@asynccontextmanager
async def _engine_and_lines(
    settings: Settings, store: Store, users: Sequence[Account], bound: Bound
) -> AsyncGenerator[Serving]:
    facts = line_settings(settings, started_at=0.0, version=VERSION)
    async with run_engine(store, engine_settings(settings, facts.terms.options)) as engine:
        login = Login(users, settings.login, key=os.urandom(KEY_BYTES), clock=trio.current_time)
        facts = evolve(facts, started_at=engine.clock.now(), users=login.accounts)
        stop = trio.Event()
        wiring = Wiring(
            make_session=_sessions(engine, facts),
            login=login,
            groups=settings.group_names,
            stop=stop.set,
            now=engine.clock.now,
        )
        lines = LineServer(wiring, settings.limits)
        for listener in bound.plain:
            lines.listen(listener)
        for listener in bound.encrypted:
            assert bound.certificate is not None
            lines.listen_tls(listener, bound.certificate, settings.tls.handshake)
        engine.committer.flushers.append(lines.flush)
        server = Serving(engine, lines, login, bound, stop)
        async with trio.open_nursery() as nursery:
            await nursery.start(lines.run)
            yield server
            with trio.CancelScope(shield=True, deadline=trio.current_time() + settings.stop.grace):
                lines.stop_accepting()
                lines.stop_reading()
                await engine.stop()
                await lines.drain(settings.stop.grace / 2)
            nursery.cancel_scope.cancel()


def _sessions(engine: Directory, facts: LineSettings) -> Callable[..., Session]:
    def make(door: Door, address: str, *, local: bool, encrypted: bool) -> Session:
        return Session(
            door, engine, facts, address,
            local=local, encrypted=encrypted, now=engine.clock.now,
        )  # fmt: skip

    return make


async def _bind(settings: Settings) -> Bound:
    certificate = None
    plain: list[socket.socket] = []
    encrypted: list[socket.socket] = []
    try:
        if settings.tls.port is not None:
            certificate = Certificate(str(settings.tls.certificate), str(settings.tls.key))
    except OSError as error:
        raise StartError(f"tls.certificate, tls.key: {error}") from None
    wanted = (
        ("port", settings.host, settings.port, plain),
        ("tls.port", settings.tls.host or settings.host, settings.tls.port, encrypted),
    )
    for name, host, port, sockets in wanted:
        if port is None:
            continue
        try:
            sockets.extend(await bind(host, port))
        except OSError as error:
            for listener in (*plain, *encrypted):
                listener.close()
            raise StartError(
                f"{name}: cannot listen on {written(host, port)}: {error.strerror or error}"
            ) from None
    return Bound(plain, encrypted, certificate)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"store.path: cannot make {folder}: {error.strerror}") from None


def _store(settings: Settings, place: StorePlace | None) -> AbstractAsyncContextManager[Store]:
    return open_store(
        None if place is None else place.database,
        secret=_secret(settings),
        options=store_options(settings),
        writer="child" if settings.store.writer == "process" else "thread",
    )


def _secret(settings: Settings) -> str | None:
    if settings.secret_file is None:
        return settings.secret
    try:
        return Path(settings.secret_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"secret_file: {error}") from None


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
        store=known.path or known.kind,
        encrypted=known.cipher or "no",
        groups=list(settings.group_names),
        pid=os.getpid(),
    )
