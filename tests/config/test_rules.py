"""Which settings may stand together."""

from pathlib import Path

import pytest

from config.loading import load
from config.mistakes import SettingsError
from config.settings import is_loopback
from tests.config.conftest import Load, Wrong

OPEN = "host: 0.0.0.0\n"
CLEAR = "insecure_plaintext: true\n"
ADA = "users: [{username: ada, password: of her own}]\n"


def tls(folder: Path, port: int = 8963) -> str:
    for name in ("chain.pem", "key.pem"):
        (folder / name).touch()
    return f"tls: {{port: {port}, certificate: {folder}/chain.pem, key: {folder}/key.pem}}\n"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("127.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "'::'", "192.0.2.1", "example.com"])
def test_clear_text_stays_on_this_machine(mistakes_of: Wrong, host: str) -> None:
    (mistake,) = mistakes_of(f"{ADA}host: {host}\n")
    assert (mistake.path, mistake.place) == ("host", "config.yml:2")


@pytest.mark.parametrize("section", ["rpc", "http"])
def test_the_hosts_of_other_listeners_are_looked_at(mistakes_of: Wrong, section: str) -> None:
    (mistake,) = mistakes_of(f"{section}: {{host: 0.0.0.0, port: 8000}}\n")
    assert mistake.path == f"{section}.host"


@pytest.mark.parametrize(
    "text",
    [
        OPEN + CLEAR + ADA,
        OPEN + CLEAR,  # the administrator that is made counts as a user
        OPEN + "port: -1\nweb_port: -1\n",
        "rpc: {host: 0.0.0.0}\n",
        "host: 127.0.0.1\n" + ADA,
    ],
)
def test_what_may_be_bound(load_text: Load, text: str) -> None:
    load_text(text)


def test_tls_may_be_bound_and_clear_passwords_stay_refused(load_text: Load, tmp_path: Path) -> None:
    settings = load_text(OPEN + ADA + tls(tmp_path)).settings
    assert settings.port is None
    assert not settings.plaintext_auth


def test_the_plain_listener_beside_tls(load_text: Load, tmp_path: Path) -> None:
    settings = load_text(OPEN + ADA + "port: 8962\n" + tls(tmp_path)).settings
    assert (settings.port, settings.tls.port) == (8962, 8963)
    assert not settings.plaintext_auth


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", False),
        (CLEAR, True),
        (CLEAR + "lines: {plaintext_auth: false}\n", False),
        ("lines: {plaintext_auth: true}\n", True),
    ],
)
def test_whether_clear_passwords_are_taken(load_text: Load, text: str, allowed: bool) -> None:
    assert load_text(text).settings.plaintext_auth is allowed


@pytest.mark.parametrize("password", ["your_password", "pass1", "pass2", "change_me"])
def test_sample_passwords_stay_on_this_machine(
    mistakes_of: Wrong, load_text: Load, tmp_path: Path, password: str
) -> None:
    users = f"users: [{{username: ada, password: x}}, {{username: b, password: {password}}}]\n"
    for text in (OPEN + CLEAR + users, OPEN + tls(tmp_path) + users):
        (mistake,) = mistakes_of(text)
        assert mistake.path == "users[1].password"
        assert password not in str(mistake)
    load_text(users)


def test_test_mode_stays_on_this_machine(
    mistakes_of: Wrong, load_text: Load, tmp_path: Path
) -> None:
    for text in (OPEN + CLEAR, OPEN + tls(tmp_path)):
        (mistake,) = mistakes_of(f"{text}test_mode: true\n")
        assert mistake.path == "test_mode"
        (mistake,) = mistakes_of(text, TEST_MODE="1")
        assert (mistake.path, mistake.place) == ("test_mode", "$TEST_MODE")
    load_text("test_mode: true\n")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tls: {port: 8963}", "tls.certificate"),
        ("http: {tls_port: 8963}", "tls.certificate"),
        ("tls: {certificate: /etc/hostname}", "tls.port"),
        ("tls: {key: /etc/hostname}", "tls.port"),
        ("secret: a\nsecret_file: b", "secret_file"),
        ("secret_file: /nowhere/at/all", "secret_file"),
        ("web_port: 1\nhttp: {port: 2}", "http.port"),
        ("port: 5\nrpc: {port: 5}", "rpc.port"),
        ("port: 5\nweb_port: 5", "http.port"),
        ("http: {port: 5, tls_port: 5}", "http.tls_port"),
        ("jobs: {backoff_min: 2, backoff_max: 1}", "jobs.backoff_min"),
        ("limits: {in_flight: 1000}", "limits.in_flight"),
        ("limits: {output: 1000}", "limits.output"),
    ],
)
def test_what_cannot_stand_together(mistakes_of: Wrong, text: str, path: str) -> None:
    assert path in [mistake.path for mistake in mistakes_of(text)]


def test_certificates_have_to_be_files(mistakes_of: Wrong) -> None:
    found = mistakes_of("tls: {port: 8963, certificate: /no/chain, key: /no/key}")
    assert [mistake.path for mistake in found] == ["tls.certificate", "tls.key"]


@pytest.mark.parametrize("text", ["port: 0\nrpc: {port: 0}", "rpc: {port: 7, page_port: 7}"])
def test_ports_that_may_be_equal(load_text: Load, text: str) -> None:
    load_text(text)


def test_a_later_source_replaces_the_secret_however_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("secret_file: /nowhere/at/all\n")
    settings = load([path], {"SECRET": "from the environment"}).settings
    assert (settings.secret, settings.secret_file) == ("from the environment", None)
    with pytest.raises(SettingsError):
        load([path])


def test_unknown_groups_of_users_are_warned_about_within_a_bound(load_text: Load) -> None:
    groups = ", ".join(f"g{number}" for number in range(50))
    loaded = load_text(f"users: [{{username: a, password_hash: '{HASH}', groups: [{groups}]}}]")
    assert len(loaded.warnings) == 11
    assert loaded.warnings[-1].startswith("40 more")


HASH = "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWo"


def test_what_is_risky_and_allowed_is_said(load_text: Load) -> None:
    loaded = load_text(OPEN + CLEAR + "web_port: 1\nrpc: {port: 2}\nport: 3\n")
    assert len(loaded.warnings) == 1
    assert loaded.warnings[0].startswith("insecure_plaintext: ")
