"""Which server a command speaks to, and what its errors mean to whoever typed it.

A server on this machine needs no URL: its data folder keeps the administrator's password in a
file that only its own user can read, and its settings say where it listens.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Final

from attrs import evolve, frozen
from cyclopts import Parameter

from jobyard.blocking import BlockingClient
from jobyard.commands.showing import Output, say, shown
from jobyard.errors import BadArgument, ConnectionLost, JobyardError, Unreachable
from jobyard.url import Address, parse

OK: Final = 0
FAILED: Final = 1
WRONG: Final = 2
UNREACHABLE: Final = 3
UNENDED: Final = 4
"""A wait was over before the job was."""

_ADMINISTRATOR: Final = "admin"
_TOKEN: Final = "admin.token"  # noqa: S105 - the name of a file
_NO_LINKS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LONGEST: Final = 512
"""Bytes of that file."""
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


@frozen
class Reach:
    """What every command takes that speaks to a server."""

    url: Annotated[
        str | None,
        Parameter(help="jobyard://user:password@host:8962/group; else $JOBYARD_URL."),
    ] = None
    store: Annotated[
        str | None, Parameter(help="Without a URL: the data of the server on this machine.")
    ] = None
    config: Annotated[
        tuple[Path, ...],
        Parameter(help="Without a URL: the settings file that server has.", negative=""),
    ] = ()
    group: Annotated[str | None, Parameter(help="The group, when the URL names none.")] = None
    output: Annotated[Output, Parameter(name=["--output", "-o"], help="How to print.")] = "table"


Reached = Annotated[Reach, Parameter(name="*")]
HERE: Final = Reach()
Say = Callable[[BlockingClient], int | None]
_HELD: Final = ContextVar[BlockingClient | None]("held", default=None)


class NoServerHere(Unreachable):
    """No server of this user keeps its data where we looked."""


def asked(reach: Reach, say_it: Say) -> int:
    """Connect, say it, and answer the exit code; what goes wrong is a sentence on stderr."""

    def connected() -> int | None:
        held = _HELD.get()
        if held is not None:
            if evolve(reach, output=HERE.output) != HERE:
                raise BadArgument("the server and the group are those of the shell")
            return say_it(held)
        with BlockingClient(address(reach), patience=0.0) as client:
            return say_it(client)

    return told(connected)


@contextmanager
def holding(client: BlockingClient) -> Iterator[None]:
    """Have every command of the block speak over this connection."""
    before = _HELD.set(client)
    try:
        yield
    finally:
        _HELD.reset(before)


def told(act: Callable[[], int | None], *, quiet: bool = False) -> int:
    """Run what may fail, and answer the exit code; `quiet`: say nothing of what failed."""
    try:
        return act() or OK
    except JobyardError as error:
        return _code(error) if quiet else complain(error, _code(error))


def _code(error: JobyardError) -> int:
    match error:
        case BadArgument():
            return WRONG
        case Unreachable() | ConnectionLost():
            return UNREACHABLE
        case _:
            return FAILED


def complain(error: object, code: int) -> int:
    """What is wrong, on stderr; the exit code."""
    for line in str(error).split("\n"):
        say(f"jobyard: {shown(line)}", sys.stderr)
    return code


def address(reach: Reach) -> Address:
    """Where to connect, as whom.

    Raises:
        BadArgument: the URL or the settings are wrong.
        NoServerHere: no URL, and no server of this user on this machine.
    """
    local = reach.store is not None or reach.config
    url = reach.url or (None if local else os.environ.get("JOBYARD_URL"))
    if url is None:
        return _here(reach)
    if local:
        raise BadArgument("a URL names the server: --store and --config are for one without")
    found = parse(url)
    if reach.group is None:
        return found
    if found.group not in {"", reach.group}:
        raise BadArgument("the URL names another group than --group")
    return Address(found.host, found.port, found.tls, found.user, found.password, group=reach.group)


def _here(reach: Reach) -> Address:
    from config import loading, mistakes, places  # noqa: PLC0415 - only where no URL is said

    try:
        sources = loading.Sources(reach.config, os.environ, {"store.path": reach.store})
        settings = sources.load().settings
    except mistakes.SettingsError as error:
        raise BadArgument(f"the settings are wrong: {error}") from None
    place = places.store_place(settings)
    if place is None:
        raise BadArgument("a server in memory keeps no password: say --url jobyard://…")
    if settings.users:
        raise BadArgument("the settings name users: say --url jobyard://user:password@…")
    if not settings.port:
        raise BadArgument("the settings open no known port in clear: say --url jobyard://…")
    return Address(
        host=_ANYWHERE.get(settings.host, settings.host),
        port=settings.port,
        user=_ADMINISTRATOR,
        password=_password(place.folder / _TOKEN),
        group=settings.group_names[0] if reach.group is None else reach.group,
    )


def _password(path: Path) -> str:
    try:
        descriptor = os.open(path, _NO_LINKS)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - opened without following links
            said = file.read(_LONGEST)
    except FileNotFoundError:
        raise NoServerHere(
            f"{path} is not there: start `jobyard serve`, or say --url jobyard://…"
        ) from None
    except OSError as error:
        raise NoServerHere(f"{path}: {error.strerror}") from None
    return said.decode("ascii", "replace").strip()
