"""Users with fewer rights: each command they lack is refused, and changes nothing."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings

FORBIDDEN: Final = "Err: forbidden"
NEEDS: Final = {
    "PUBLISH q t p": "publish",
    "SUBSCRIBE q": "work",
    "LIST_JOBS q": "read",
    "LIST_RECURRENT_JOBS q": "read",
    "DELETE_JOB {job}": "manage",
    "UPDATE_JOB {job} done": "manage",
    "RECURRENT_JOB q t @hourly": "manage",
    "DELETE_RECURRENT_JOB 1": "manage",
    "PURGE_WORKERS q": "manage",
    "PURGE_JOBS q": "manage",
    "DELETE_QUEUE q": "manage",
}


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A user for each right, named like it."""
    rights = ("publish", "work", "read", "manage")
    users: list[dict[str, Any]] = [
        {"username": right, "password": "word", "groups": [{"slug": "yard", "rights": [right]}]}
        for right in rights
    ]
    users.append({"username": "ada", "password": "enchantress", "groups": ["yard"]})
    server = Server(tmp_path_factory.mktemp("divided"), settings(users=users)).start()
    yield server
    server.close()


@pytest.mark.parametrize("right", ["publish", "work", "read", "manage"])
def test_a_right_opens_its_commands_only(divided: Server, right: str) -> None:
    with Line.to(divided.port) as owner, Line.to(divided.port) as user:
        owner.log_in()
        user.log_in(right, "word")
        job = owner.publish("q")
        assert owner.ask("RECURRENT_JOB q t @hourly").startswith("OK#")
        before = owner.jobs("q"), owner.read("LIST_RECURRENT_JOBS q")
        for command, needed in NEEDS.items():
            if needed != right:
                assert user.ask(command.format(job=job)) == FORBIDDEN, command
        assert (owner.jobs("q"), owner.read("LIST_RECURRENT_JOBS q")) == before
        for command, needed in NEEDS.items():
            if needed == right:
                assert user.ask(command.format(job=job)) != FORBIDDEN, command
        owner.ask("DELETE_QUEUE q")


def test_forbidden_and_unknown_look_the_same(divided: Server) -> None:
    with Line.to(divided.port) as user:
        user.log_in("read", "word")
        assert user.ask("DELETE_JOB nothing") == FORBIDDEN
        assert user.ask("DELETE_QUEUE nowhere") == FORBIDDEN


def test_the_server_s_own_commands_are_no_user_s(divided: Server) -> None:
    with Line.to(divided.port) as user:
        user.log_in()
        assert user.ask("STOP_SERVER") == FORBIDDEN
        assert user.ask("DEBUG") == "Err: test-mode-disabled"
        assert user.ask("DISPATCH") == "Err: dispatch-disabled"
