"""What administrators look after: users, groups, tokens, and the audit log."""

import getpass
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from engine.commands import RIGHT_NAMES
from jobyard.blocking import BlockingClient
from jobyard.commands.options import Seconds, Whole
from jobyard.commands.reach import HERE, Reached, asked, told
from jobyard.commands.showing import cell, native, show, show_pages, table, when
from jobyard.errors import BadArgument

user_app = App(name="user", help="Look after who may log in.", help_format="plaintext")
group_app = App(name="group", help="Look after groups.", help_format="plaintext")
token_app = App(name="token", help="Look after tokens.", help_format="plaintext")

Groups = Annotated[str | None, Parameter(help="As in mail,shop:read+work; all rights if none.")]
_LONGEST: Final = 512
"""Characters of a password, as the server has it."""
_HEADS: Final = ("number", "at", "who", "group", "did", "to", "outcome")
_FIELDS: Final = ("number", "at", "who", "group", "word", "target", "outcome")
_PAGE: Final = 1_000


@user_app.command(name="add")
def add_user(
    name: str,
    /,
    *,
    groups: Groups = None,
    admin: Annotated[bool, Parameter(negative="")] = False,
    reach: Reached = HERE,
) -> int:
    """Let somebody log in; the password is asked for, or read from stdin.

    Args:
        name: of the user.
        groups: and the rights in them.
        admin: every right in every group, and these commands.
        reach: the server.
    """

    def run() -> int:
        rights, said = _rights(groups), _password()
        return asked(reach, lambda client: client.add_user(name, said, rights, admin=admin))

    return told(run)


@user_app.command(name="change")
def change_user(
    name: str,
    /,
    *,
    password: Annotated[bool, Parameter(negative="")] = False,
    groups: Groups = None,
    admin: bool | None = None,
    reach: Reached = HERE,
) -> int:
    """Change the password or the rights of a user; what is not said stays.

    Args:
        name: of the user.
        password: ask for a new one, or read it from stdin.
        groups: and the rights in them, in place of those before.
        admin: every right in every group, and these commands.
        reach: the server.
    """

    def run() -> int:
        if not password and groups is None and admin is None:
            raise BadArgument("say what to change: --password, --groups, --admin or --no-admin")
        rights = None if groups is None else _rights(groups)
        said = _password() if password else None
        return asked(
            reach,
            lambda client: client.change_user(name, password=said, groups=rights, admin=admin),
        )

    return told(run)


@user_app.command(name="list")
def list_users(*, reach: Reached = HERE) -> int:
    """Show who may log in, those of the settings file too.

    Args:
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = native(client.users()["users"])
        rows = [[cell(one["name"]), _may(one), _from(one)] for one in found]
        show(found, reach.output, table(("name", "rights", "from"), rows))

    return asked(reach, say_it)


@user_app.command(name="drop")
def drop_user(name: str, /, *, reach: Reached = HERE) -> int:
    """Let a user log in no more; open sessions are closed.

    Args:
        name: of the user.
        reach: the server.
    """
    return asked(reach, lambda client: client.drop_user(name))


@group_app.command(name="add")
def add_group(name: str, /, *, reach: Reached = HERE) -> int:
    """Make a group.

    Args:
        name: of the group.
        reach: the server.
    """
    return asked(reach, lambda client: client.add_group(name))


@group_app.command(name="list")
def list_groups(*, reach: Reached = HERE) -> int:
    """Show every group, those of the settings file too.

    Args:
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = native(client.groups()["groups"])
        rows = [[cell(one["name"]), _from(one)] for one in found]
        show(found, reach.output, table(("name", "from"), rows))

    return asked(reach, say_it)


@group_app.command(name="drop")
def drop_group(name: str, /, *, reach: Reached = HERE) -> int:
    """Remove a group that has no queues, and in which nobody has rights.

    Args:
        name: of the group.
        reach: the server.
    """
    return asked(reach, lambda client: client.drop_group(name))


@token_app.command(name="add")
def add_token(
    name: str,
    group: str,
    /,
    *,
    rights: str = "",
    lifetime: Seconds | None = None,
    ends_at: Seconds | None = None,
    reach: Reached = HERE,
) -> int:
    """Make a token and print it, this once.

    Args:
        name: of the token; `AUTH name token` logs in with it.
        group: in which it may do something.
        rights: as in read+work or read,work; all of them if none.
        lifetime: seconds it lives; 90 days if neither this nor its end is said.
        ends_at: when it ends, in unix seconds.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        few = rights.replace(",", "+").split("+") if rights else []
        made = native(client.add_token(name, group, few, lifetime=lifetime, ends_at=ends_at))
        show(made, reach.output, cell(made["token"], _LONGEST))

    return asked(reach, say_it)


@token_app.command(name="list")
def list_tokens(*, reach: Reached = HERE) -> int:
    """Show every token, without what is secret.

    Args:
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = native(client.tokens()["tokens"])
        rows = [
            [cell(one["name"]), _granted(one), when(one["created_at"]), when(one["ends_at"])]
            for one in found
        ]
        show(found, reach.output, table(("name", "rights", "made", "ends"), rows))

    return asked(reach, say_it)


@token_app.command(name="drop")
def drop_token(name: str, /, *, reach: Reached = HERE) -> int:
    """End a token; open sessions are closed.

    Args:
        name: of the token.
        reach: the server.
    """
    return asked(reach, lambda client: client.drop_token(name))


def audit(*, after: Whole = 0, reach: Reached = HERE) -> int:
    """Show who changed accounts or took queues away, oldest first.

    Args:
        after: only entries after this number.
        reach: the server.
    """

    def pages(client: BlockingClient) -> Iterator[list[dict[str, Any]]]:
        at: int | None = after
        while at is not None:
            page = native(client.audit(at, _PAGE))
            yield page["entries"]
            at = page["next"]

    def row(entry: dict[str, Any]) -> list[str]:
        return [when(entry[n]) if n == "at" else cell(entry[n]) for n in _FIELDS]

    return asked(reach, lambda client: show_pages(pages(client), reach.output, _HEADS, row))


def _rights(groups: str | None) -> dict[str, list[str]]:
    """Group -> rights there, of `mail,shop:read+work`."""
    found: dict[str, list[str]] = {}
    for said in groups.split(",") if groups else []:
        group, _, rights = said.partition(":")
        found[group] = rights.split("+") if rights else list(RIGHT_NAMES)
    return found


def _may(user: dict[str, Any]) -> str:
    return "administrator" if user["admin"] else ", ".join(map(_granted, user["groups"]))


def _granted(grant: dict[str, Any]) -> str:
    return cell(f"{grant['group']}: {'+'.join(grant['rights'])}")


def _from(one: dict[str, Any]) -> str:
    return "settings" if one["settings"] else "command"


def _password() -> str:
    """One line of text, never from the command line, which others can see.

    Raises:
        BadArgument: it is none.
    """
    try:
        if sys.stdin.isatty():
            said = getpass.getpass("Password: ")
            if getpass.getpass("Again: ") != said:
                raise BadArgument("the two are not the same")
        else:
            said = sys.stdin.buffer.read(4 * _LONGEST + 2).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadArgument("the password is no UTF-8") from None
    if not said or len(said) > _LONGEST or not said.isprintable():
        raise BadArgument(f"a password is one line of 1 to {_LONGEST} printable characters")
    return said
