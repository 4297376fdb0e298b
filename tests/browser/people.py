"""Who visits the console, and where it is."""

from typing import Any, Final

from tests.acceptance.served import GROUP, PASSWORD, USER, Server, settings

READER: Final = "grace"
ROOT_USER: Final = "root"
OTHER: Final = "office"
"""A second group."""


def people(**said: Any) -> dict[str, Any]:
    """Settings with a member of two groups, a reader and an administrator."""
    users = [
        {"username": USER, "password": PASSWORD, "groups": [GROUP, OTHER]},
        {"username": READER, "password": PASSWORD, "groups": [{"slug": GROUP, "rights": ["read"]}]},
        {"username": ROOT_USER, "password": PASSWORD, "groups": ["*"]},
    ]
    return settings(groups=[GROUP, OTHER], users=users, http={"port": 0}, **said)


def home_of(server: Server) -> str:
    """Where the console is."""
    said = server.log.event("serving")
    assert said is not None
    address: str = said["http"][0]
    return f"http://localhost:{address.rpartition(':')[2]}"


def url_of(server: Server, group: str = GROUP, user: str = USER) -> str:
    """Where clients and workers find it."""
    return f"jobyard://{user}:{PASSWORD}@127.0.0.1:{server.port}/{group}"
