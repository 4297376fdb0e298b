"""From files, variables and flags to settings."""

from pathlib import Path

import pytest

from config.loading import Sources, load
from config.mistakes import SettingsError
from config.settings import Settings
from tests.config import originals
from tests.config.conftest import Load, Wrong


def test_nothing_said_is_the_defaults() -> None:
    loaded = load()
    assert loaded.settings == Settings()
    assert loaded.origins == {}
    assert loaded.warnings == ()
    assert loaded.settings.port == 8962
    assert loaded.settings.host == "127.0.0.1"
    assert loaded.settings.group_names == ("default",)


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "null\n", "limits:\nport: ~\n"])
def test_a_file_that_says_nothing_is_the_defaults(load_text: Load, text: str) -> None:
    assert load_text(text).settings == Settings()


def test_later_files_join_sections_and_replace_lists(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    first.write_text("groups: [a, b]\nlines: {silence: 1, retry: 2}\nport: 1\n")
    second.write_text("groups: [c]\nlines: {retry: 3}\n")
    settings = load([first, second]).settings
    assert settings.group_names == ("c",)
    assert (settings.lines.silence, settings.lines.retry, settings.port) == (1, 3, 1)


def test_flags_win_over_variables_and_variables_over_files(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("host: 127.0.0.1\nport: 1\nlog_level: error\n")
    environ = {"JOBYARD_PORT": "2", "JOBYARD_LOG_LEVEL": "debug"}
    loaded = load([path], environ, {"port": "3", "host": None, "store.path": "memory"})
    assert loaded.settings.port == 3
    assert loaded.settings.log_level == "debug"
    assert loaded.settings.store.path == "memory"
    assert loaded.origins == {
        "host": f"{path}:1",
        "port": "--port",
        "log_level": "$JOBYARD_LOG_LEVEL",
        "store.path": "--store",
    }


def test_loading_again_reads_what_stands_there_now(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("users: [{username: ada, password: one}]")
    sources = Sources((path,))
    assert [user.password for user in sources.load().settings.users] == ["one"]
    path.write_text("users: [{username: ada, password: two}]")
    assert [user.password for user in sources.load().settings.users] == ["two"]


def test_five_mistakes_are_five_with_their_paths_and_lines(mistakes_of: Wrong) -> None:
    text = """\
port: eighty
lines:
  silense: 3
limits:
  payload: -1
users:
  - username: ada
    password: x
    groups: [{slug: mail, rights: [fly]}]
log_level: loud
"""
    assert [str(mistake) for mistake in mistakes_of(text)] == [
        "config.yml:1: port: expected a whole number from -1 to 65535, got 'eighty'",
        (
            "config.yml:10: log_level: expected one of trace, debug, info, warn, error, fatal,"
            " panic, got 'loud'"
        ),
        (
            "config.yml:9: users[0].groups[0].rights[0]: expected one of publish, work, read,"
            " manage, got 'fly'"
        ),
        "config.yml:5: limits.payload: expected a whole number from 1 to 1099511627776, got '-1'",
        "config.yml:3: lines.silense: is no setting, did you mean `silence`?",
    ]


def test_mistakes_of_all_sources_come_together(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("port: 1\nport: 2\njobs: 3\n")
    environ = {"JOBYARD_LINES__RETRY": "soon", "JOBYARD_GROUPS": "[[a]]"}
    with pytest.raises(SettingsError) as caught:
        load([path, tmp_path / "none.yml"], environ, {"port": "x"})
    told = {(mistake.path, mistake.place) for mistake in caught.value.mistakes}
    assert told == {
        ("port", f"{path}:2"),
        ("jobs", f"{path}:3"),
        ("", str(tmp_path / "none.yml")),
        ("lines.retry", "$JOBYARD_LINES__RETRY"),
        ("groups[0]", "$JOBYARD_GROUPS:1"),
        ("port", "--port"),
    }


def test_a_rule_speaks_beside_a_mistake_it_does_not_rest_on(mistakes_of: Wrong) -> None:
    found = mistakes_of("host: 0.0.0.0\njobs: {lease: never}\n")
    assert [mistake.path for mistake in found] == ["jobs.lease", "host"]


def test_a_rule_keeps_silent_about_what_follows_from_a_mistake(mistakes_of: Wrong) -> None:
    found = mistakes_of("host: 0.0.0.0\ninsecure_plaintext: perhaps\n")
    assert [mistake.path for mistake in found] == ["insecure_plaintext"]


@pytest.mark.parametrize("key", ["lines.silence", "users[0]", "[", ".", "a.b.c", "\x07", "x" * 500])
def test_a_strange_key_is_told_whatever_it_looks_like(mistakes_of: Wrong, key: str) -> None:
    quoted = key.replace("\x07", "\\x07")
    (mistake,) = mistakes_of(f'lines: {{silence: 1}}\n"{quoted}": 1\n')
    assert mistake.place == "config.yml:2"
    assert "is no setting" in mistake.problem
    assert str(mistake).isprintable()
    assert len(str(mistake)) < 500


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("port: '8962'", "port"),
        ("port: 1.5", "port"),
        ("port: 1_000", "port"),
        ("port: 0x10", "port"),
        ("port: 010", "port"),
        ("port: ٣", "port"),
        ("port: ²", "port"),
        ("port: 65536", "port"),
        ("port: -2", "port"),
        ("port: " + "9" * 5000, "port"),
        ("port: 9223372036854775808", "port"),
        ("port: [1]", "port"),
        ("job_timeout: .inf", "job_timeout"),
        ("job_timeout: nan", "job_timeout"),
        ("job_timeout: 1e999", "job_timeout"),
        ("job_timeout: 1:30", "job_timeout"),
        ("job_timeout: -0.1", "job_timeout"),
        ("job_timeout: 315360001", "job_timeout"),
        ("test_mode: maybe", "test_mode"),
        ("test_mode: 'true'", "test_mode"),
        ("test_mode: 2", "test_mode"),
        ("delay_policy: SOMETIMES", "delay_policy"),
        ("host: 'a b'", "host"),
        ('host: "127.0.0.1\\n"', "host"),
        ("host: ''", "host"),
        ("groups: 5: 6", ""),
        ("groups: {a: b}", "groups"),
        ('groups: ["a\\u0000b"]', "groups[0].slug"),
        ('groups: ["a\\u0085b"]', "groups[0].slug"),
        ("groups: ['']", "groups[0].slug"),
        (f"groups: [{'x' * 201}]", "groups[0].slug"),
        ("groups: [~]", "groups[0].slug"),
        ("groups: ['*']", "groups[0].slug"),
        ("users: [5]", "users[0]"),
        ("users: bob", "users"),
        ("users: [{password: x}]", "users[0].username"),
        ("users: [{username: a}]", "users[0]"),
        ("users: [{username: a, password: x, password_hash: '$argon2id$v=19$m=8,t=1,p=1$YQ$YQ'}]",
         "users[0]"),
        ("users: [{username: a, password_hash: x}]", "users[0].password_hash"),
        ("users: [{username: a, password: ''}]", "users[0].password"),
        ("users: [{username: a, password: x, groups: [{slug: '*', rights: [read]}]}]",
         "users[0].groups[0]"),
        ("users: [{username: a, password: x, groups: [{slug: b, rights: []}]}]",
         "users[0].groups[0]"),
        ("users: [{username: a, password: x}, {username: a, password: y}]", "users[1].username"),
        ("store: {cipher: aes256cbc}", "store.cipher"),
        ("limits: {bulk: 1001}", "limits.bulk"),
    ],
)  # fmt: skip
def test_one_wrong_value_is_one_mistake(mistakes_of: Wrong, text: str, path: str) -> None:
    (mistake,) = mistakes_of(text)
    assert (mistake.path, mistake.place) == (path, "config.yml:1")


def test_no_message_holds_a_secret(mistakes_of: Wrong) -> None:
    text = """
users:
  - {username: a, password_hash: hunter2}
  - {username: b, password: hunter2, password_hash: hunter2}
  - {username: c, password: [hunter2], passwort: hunter2}
secret: [hunter2]
"""
    told = "\n".join(str(mistake) for mistake in mistakes_of(text, SECRET="hunter2" * 1000))
    assert "hunter2" not in told
    assert told.count("\n") >= 4


def test_no_repr_holds_a_secret(load_text: Load) -> None:
    loaded = load_text("secret: hunter2\nusers: [{username: a, password: hunter2}]\n")
    assert loaded.settings.secret == "hunter2"
    assert "hunter2" not in repr(loaded)


def test_text_is_text_whatever_it_looks_like(load_text: Load) -> None:
    text = "users: [{username: 007, password: yes}, {username: 1e3, password: 0x1F, groups: 12}]"
    users = load_text(text).settings.users
    assert [(user.username, user.password) for user in users] == [("007", "yes"), ("1e3", "0x1F")]
    assert users[1].groups[0].slug == "12"


def test_the_originals_example_needs_its_two_lines_and_a_password(mistakes_of: Wrong) -> None:
    host, password = mistakes_of(originals.EXAMPLE)
    assert (host.path, password.path) == ("host", "users[0].password")
    assert "`insecure_plaintext: true`" in host.problem
    assert "`host: 127.0.0.1`" in host.problem


@pytest.mark.parametrize(
    "lines",
    [{"your_password": "one of mine", '"0.0.0.0"': "127.0.0.1"},
     {"your_password": "one of mine", "port: 8962": "port: 8962\ninsecure_plaintext: true"},
     {'"0.0.0.0"': "127.0.0.1"}],
)  # fmt: skip
def test_those_lines_make_it_start(load_text: Load, lines: dict[str, str]) -> None:
    text = originals.EXAMPLE
    for old, new in lines.items():
        text = text.replace(old, new)
    loaded = load_text(text)
    assert loaded.settings.log_level == "warn"
    assert loaded.settings.delay_policy == "IGNORE"
    assert loaded.settings.job_timeout == 120
    assert loaded.settings.http_port == 8952
    assert any("'another_group'" in warning for warning in loaded.warnings)


def test_the_originals_suite_is_read_as_it_is(load_text: Load) -> None:
    settings = load_text(originals.SUITE).settings
    assert (settings.host, settings.port, settings.test_mode) == ("127.0.0.1", 8962, True)
    assert settings.log_level == "debug"
    assert settings.group_names == ("group1", "group2")


def test_a_recorded_configuration_is_read_as_it_is(load_text: Load) -> None:
    settings = load_text(originals.RECORDED).settings
    assert (settings.port, settings.web_port, settings.http_port) == (18962, -1, None)
    assert [len(user.groups) for user in settings.users] == [1, 1, 0]


@pytest.mark.parametrize("text", ["queues: {idle: 3}", "queues: {}", "queues:"])
def test_our_own_queues_are_not_taken_for_that_dialect(load_text: Load, text: str) -> None:
    load_text(text)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("", 8962),
        ("port: 0", 0),
        ("port: -1", None),
        ("web_port: 8952", 8962),
        ("http: {port: 8952}", None),
        ("http: {port: 8952}\nport: 1", 1),
        ("rpc: {page_port: 8080}", None),
    ],
)
def test_what_is_named_is_opened(load_text: Load, text: str, port: int | None) -> None:
    assert load_text(text).settings.port == port


def test_ten_thousand_users_are_read_in_a_moment(load_text: Load) -> None:
    users = "".join(f"- {{username: u{n}, password: p{n}, groups: [a]}}\n" for n in range(10_000))
    loaded = load_text(f"groups: [a]\nusers:\n{users}")
    assert len(loaded.settings.users) == 10_000
    assert loaded.warnings == ("10000 user(s) have a plain `password`; `password_hash` is safer",)
