"""What is allowed and still deserves a word at start."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from config.mistakes import shown
from config.rules import exposed
from config.settings import Settings
from config.users import EVERY_GROUP

GROUPS_NAMED: Final = 10
"""Unknown groups that are told one by one."""


def advice(settings: Settings) -> list[str]:
    """All of it, as sentences."""
    return [*_unknown_groups(settings), *_passwords(settings), *_listeners(settings)]


def _unknown_groups(settings: Settings) -> Iterator[str]:
    known = {*settings.group_names, EVERY_GROUP}
    users = Counter(
        grant.slug for user in settings.users for grant in user.groups if grant.slug not in known
    )
    for slug, count in users.most_common(GROUPS_NAMED):
        yield f"group {shown(slug)}, given to {count} user(s), is not named by `groups`"
    if len(users) > GROUPS_NAMED:
        yield f"{len(users) - GROUPS_NAMED} more groups of users are not named by `groups`"


def _passwords(settings: Settings) -> Iterator[str]:
    if plain := sum(user.password is not None for user in settings.users):
        yield f"{plain} user(s) have a plain `password`; `password_hash` is safer"


def _listeners(settings: Settings) -> Iterator[str]:
    if settings.insecure_plaintext and (hosts := exposed(settings)):
        told = ", ".join(sorted(set(hosts.values())))
        yield f"insecure_plaintext: other machines may log in and send jobs in clear on {told}"
