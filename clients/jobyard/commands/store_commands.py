"""The files of a store on this machine: copy them, change what opens them."""

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from attrs import frozen
from cyclopts import Parameter

from jobyard.commands.reach import FAILED, OK, WRONG, Reach, asked, complain, told
from jobyard.commands.showing import say, shown
from jobyard.errors import BadArgument

if TYPE_CHECKING:
    from config.settings import Settings

_LONGEST: Final = 4096
"""Characters of a secret, as the settings have it."""


@frozen
class Kept:
    """Which store it is about."""

    store: Annotated[
        str | None, Parameter(help="Where its jobs are: a folder or a database file.")
    ] = None
    config: Annotated[
        tuple[Path, ...], Parameter(help="The settings file of its server.", negative="")
    ] = ()


@frozen
class NewSecret:
    """Where the new secret comes from; never from the command line, which others can see."""

    new_secret_file: Annotated[
        Path | None, Parameter(help="A file with it; else it is asked for, or read from stdin.")
    ] = None
    no_secret: Annotated[
        bool, Parameter(help="Guard the key by file permissions only.", negative="")
    ] = False


Which = Annotated[Kept, Parameter(name="*")]
HERE: Final = Kept()
ASKED: Final = NewSecret()


def backup(target: str, /, *, url: str | None = None, kept: Which = HERE) -> int:
    """Copy the store, also while its server runs; the copy is checked before it gets its name.

    Args:
        target: a folder or a database file, as `serve --store` takes them; nothing is replaced.
            With a URL a plain name: the copy gets it in the folder `backups` of that server.
        url: have a server do it: jobyard://user:password@host:8962.
        kept: which store.
    """
    if url is not None:
        if kept != HERE:
            return complain("a URL names the server: --store and --config are without one", WRONG)
        return asked(Reach(url=url), lambda client: _told_of_copy(client.backup(target)))

    def act(care: Any, settings: "Settings") -> None:
        made = care.backup(settings, target)
        say(f"{made.database}: {made.size} bytes, checked; its key is {made.database}.key")

    return _cared(kept, act)


def _told_of_copy(made: Any) -> None:
    path = shown(made["path"])
    say(f"{path}: {made['bytes']} bytes, {made['jobs']} jobs, checked; its key is {path}.key")


def rekey(
    *,
    data_key: Annotated[bool, Parameter(negative="")] = False,
    new: Annotated[NewSecret, Parameter(name="*")] = ASKED,
    kept: Which = HERE,
) -> int:
    """Change the secret that wraps the key of the store; its server must not run.

    The present secret comes from the settings: JOBYARD_SECRET, SECRET or secret_file.

    Args:
        data_key: change the key itself and encrypt the store anew; the secret stays.
        new: the new secret.
        kept: which store.
    """

    def act(care: Any, settings: "Settings") -> None:
        if sum((data_key, new.no_secret, new.new_secret_file is not None)) > 1:
            raise BadArgument("--data-key, --no-secret and --new-secret-file exclude one another")
        if data_key:
            care.encrypt_anew(settings)
            say("The store is encrypted anew; the secret is what it was.")
        elif new.no_secret:
            care.rewrap(settings, None)
            say("The key is not wrapped any more: unset the secret.")
        else:
            care.rewrap(settings, _new_secret(new.new_secret_file))
            say("The key is wrapped by the new secret: its server needs that one from now on.")

    return _cared(kept, act)


def _cared(kept: Kept, act: "Callable[[Any, Settings], None]") -> int:
    def run() -> int:
        from frontends import store_care  # noqa: PLC0415 - loads the store

        try:
            act(store_care, _settings(kept))
        except store_care.CareError as error:
            return complain(error, FAILED)
        return OK

    return told(run)


def _settings(kept: Kept) -> "Settings":
    from config import loading, mistakes  # noqa: PLC0415 - only where settings are read

    environ = {name: said for name, said in os.environ.items() if name != "JOBYARD_URL"}
    try:
        return loading.Sources(kept.config, environ, {"store.path": kept.store}).load().settings
    except mistakes.SettingsError as error:
        raise BadArgument(f"the settings are wrong: {error}") from None


def _new_secret(file: Path | None) -> str:
    """One line of text.

    Raises:
        BadArgument: it is none.
    """
    if file is None and sys.stdin.isatty():
        said = getpass.getpass("New secret: ")
        if getpass.getpass("Again: ") != said:
            raise BadArgument("the two are not the same")
        return _fit(said)
    try:
        if file is None:
            return _fit(sys.stdin.buffer.read(4 * _LONGEST + 2).decode("utf-8"))
        with file.open("rb") as opened:
            return _fit(opened.read(4 * _LONGEST + 2).decode("utf-8"))
    except UnicodeDecodeError:
        raise BadArgument("the new secret is no UTF-8") from None
    except (OSError, ValueError) as error:
        if isinstance(error, BadArgument):
            raise
        raise BadArgument(f"the new secret cannot be read: {error}") from None


def _fit(said: str) -> str:
    line = said.rstrip("\r\n")
    if not line:
        raise BadArgument("the new secret is empty: --no-secret does without")
    if len(line) > _LONGEST or not line.isprintable():
        raise BadArgument(f"a secret is one line of at most {_LONGEST} printable characters")
    return line
