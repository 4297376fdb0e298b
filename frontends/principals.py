"""Accounts of the settings as principals of the engine; the same for every door."""

from config.users import Account
from engine.access import Principal, Right


def principal(account: Account) -> Principal:
    """Whom the engine knows a user as."""
    groups: dict[str, Right] = {}
    for group, names in account.rights.items():
        rights = Right(0)
        for name in names:
            rights |= Right[name.upper()]
        groups[group] = rights
    return Principal(account.name, groups, account.admin)
