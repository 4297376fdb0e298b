"""SIGHUP: users and passwords change, connections stay."""

import signal
import socket
import ssl
from pathlib import Path

import trustme

from tests.acceptance.conftest import Serve, issue
from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings


def user(name: str, password: str) -> dict[str, object]:
    return {"username": name, "password": password, "groups": ["yard"]}


def reread(server: Server, event: str = "users-read-again") -> None:
    server.signal(signal.SIGHUP)
    server.log.wait_for(lambda: server.log.event(event) is not None)


def test_a_password_changes_without_dropping_a_connection(serve: Serve) -> None:
    server = serve(settings(users=[user("ada", "old-password")]))
    with Line.to(server.port) as inside, Line.to(server.port) as stranger:
        inside.log_in("ada", "old-password")
        assert inside.ask("SUBSCRIBE q") == "OK"
        job = inside.publish("q")
        assert inside.pushed()["ID"] == job
        server.write(settings(users=[user("ada", "new-password")]))
        reread(server)
        assert stranger.ask("AUTH ada old-password") == "Err: invalid-creds"
        assert stranger.ask("AUTH ada new-password") == "Welcome!"
        assert inside.update(job, "done") == "OK"


def test_the_session_of_a_removed_user_is_closed_and_its_job_goes_back(serve: Serve) -> None:
    both = [user("ada", "ada-password"), user("bob", "bob-password")]
    server = serve(settings(users=both))
    with Line.to(server.port) as ada, Line.to(server.port) as bob:
        ada.log_in("ada", "ada-password")
        bob.log_in("bob", "bob-password")
        assert bob.ask("SUBSCRIBE q") == "OK"
        job = ada.publish("q")
        assert bob.pushed()["ID"] == job
        assert ada.ask("SUBSCRIBE q") == "OK"
        server.write(settings(users=both[:1]))
        reread(server)
        assert bob.rest() == b"Err: session-closed\n"
        assert ada.pushed()["ID"] == job
    with Line.to(server.port) as again:
        assert again.ask("AUTH bob bob-password") == "Err: invalid-creds"


def test_rights_that_were_taken_away_are_gone_at_once(serve: Serve) -> None:
    server = serve(settings(users=[user("ada", "ada-password")]))
    with Line.to(server.port) as inside, Line.to(server.port) as again:
        inside.log_in("ada", "ada-password")
        fewer = {**user("ada", "ada-password"), "groups": [{"slug": "yard", "rights": ["read"]}]}
        server.write(settings(users=[fewer]))
        reread(server)
        assert inside.rest() == b"Err: session-closed\n"
        again.log_in("ada", "ada-password")
        assert again.ask("PUBLISH q t p") == "Err: forbidden"


def test_a_broken_file_changes_nothing(serve: Serve) -> None:
    server = serve(settings(users=[user("ada", "ada-password")]))
    with Line.to(server.port) as inside:
        inside.log_in("ada", "ada-password")
        server.write({**settings(), "users": "nobody"})
        reread(server, "reload-refused")
        said = server.log.event("reload-refused")
        assert said is not None
        assert "users" in said["error"]
        inside.publish("q")
    with Line.to(server.port) as other:
        other.log_in("ada", "ada-password")


def test_a_file_that_is_away_changes_nothing(prepare: Serve) -> None:
    server = prepare(settings(users=[user("ada", "ada-password")]))
    server.environment["CONFIG_PATH"] = str(server.config)
    server.start("--store", str(server.store))
    text = server.config.read_text()
    server.config.unlink()
    reread(server, "reload-refused")
    said = server.log.event("reload-refused")
    assert said is not None
    assert said["error"] == f"{server.config}: there is no such file any more"
    with Line.to(server.port) as other:
        other.log_in("ada", "ada-password")
    server.config.write_text(text.replace("ada-password", "new-password"))
    reread(server)
    with Line.to(server.port) as other:
        other.log_in("ada", "new-password")


def test_a_new_certificate_is_shown_to_those_who_come_after(
    serve: Serve, authority: trustme.CA, tmp_path: Path
) -> None:
    server = serve(settings(port=-1, tls={**issue(authority, tmp_path), "port": 0}))
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def shake() -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", server.port), 10)
        return context.wrap_socket(raw, server_hostname="localhost")

    with shake() as first:
        inside = Line(first).log_in()
        before = first.getpeercert(binary_form=True)
        issue(authority, tmp_path)
        reread(server, "certificate-read-again")
        with shake() as second:
            assert second.getpeercert(binary_form=True) != before
            assert Line(second).log_in().heard_nothing()
        (tmp_path / "key.pem").write_text("no key")
        reread(server, "reload-refused")
        with shake() as third:
            assert Line(third).log_in().heard_nothing()
        assert inside.heard_nothing()
