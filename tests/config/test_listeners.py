"""Which HTTP listeners there are, and what each speaks."""

import pytest

from config.listeners import HttpListener, http_listeners
from config.settings import Settings
from tests.config.conftest import Load, Wrong

V0 = "version: 1\nport: 6010\njob_keep_minutes: 1\njob_timeout_minutes: 1\nqueues: {}\n"


def spoken(settings: Settings) -> list[tuple[int, str]]:
    return [(each.port, each.speaks) for each in http_listeners(settings)]


def test_by_default_the_main_one_on_its_own_port() -> None:
    (listener,) = http_listeners(Settings())
    assert listener == HttpListener("127.0.0.1", 8952, "main", "http.port", named=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("port: 18962", [(8952, "main")]),
        ("web_port: 1", [(1, "main")]),
        ("web_port: -1", []),
        ("http: {port: -1}", []),
        ("http: {port: 0}", [(0, "main")]),
        ("port: 8952", []),
        ("tls: {port: 1}", []),
        ("rpc: {port: 1}", []),
        ("jobengine: {v1_port: 6}", [(6, "jobengine-v1")]),
        ("jobengine: {v0_port: 5, v1_port: 6}", [(5, "jobengine-v0"), (6, "jobengine-v1")]),
        ("jobengine: {v0_port: 0, v1_port: 0}", [(0, "jobengine-v0"), (0, "jobengine-v1")]),
        ("jobengine: {v0_port: -1, v1_port: 6}", [(6, "jobengine-v1")]),
        ("web_port: 6\njobengine: {v0_port: 6, v1_port: 6}", [(6, "main")]),
        ("jobengine: {v0_port: 6, v1_port: 6}", [(6, "jobengine-v0")]),
        (V0, [(6010, "jobengine-v0")]),
        (V0 + "http: {port: 6010}", [(6010, "main")]),
    ],
)
def test_what_is_named_is_opened(
    load_text: Load, text: str, found: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.rules._RULES", [])  # a tls.port alone is no whole configuration
    assert spoken(load_text(text).settings) == found


@pytest.mark.parametrize(
    ("text", "variables", "found"),
    [
        (V0, {"API_PORT": "6010"}, [(6010, "jobengine-v0")]),
        (V0, {"API_PORT": "6"}, [(6010, "jobengine-v0"), (6, "jobengine-v1")]),
        (V0, {"JOBYARD_HTTP__PORT": "6010"}, [(6010, "jobengine-v0")]),
        ("web_port: 6", {"API_PORT": "6"}, [(6, "main")]),
        ("port: 6", {"API_PORT": "6"}, []),
        ("", {"API_PORT": "6006"}, [(6006, "jobengine-v1")]),
        ("", {"API_PORT": "6", "JOBYARD_HTTP__PORT": "6"}, [(6, "main")]),
    ],
)
def test_a_file_decides_before_the_environment(
    load_text: Load, text: str, variables: dict[str, str], found: list[tuple[int, str]]
) -> None:
    assert spoken(load_text(text, **variables).settings) == found


@pytest.mark.parametrize("value", ["http", "6_006", "٣", "65536", "1e3", "9" * 5000])
def test_a_port_is_a_number(mistakes_of: Wrong, value: str) -> None:
    (mistake,) = mistakes_of("", API_PORT=value)
    assert (mistake.path, mistake.place) == ("jobengine.v1_port", "$API_PORT")


def test_where_they_are_bound() -> None:
    text = Settings(host="10.0.0.1", port=None)
    assert http_listeners(text)[0].host == "10.0.0.1"


def test_others_do_not_share_their_ports(mistakes_of: Wrong) -> None:
    (mistake,) = mistakes_of("port: 5\njobengine: {v0_port: 5}\n")
    assert mistake.path == "jobengine.v0_port"


def test_other_machines_reach_it(mistakes_of: Wrong) -> None:
    (mistake,) = mistakes_of("jobengine: {v0_port: 5, host: 0.0.0.0}\n")
    assert mistake.path == "jobengine.host"


def test_no_queue_is_declared_twice(mistakes_of: Wrong) -> None:
    one = "{name: a, read: [], write: []}"
    (mistake,) = mistakes_of(f"jobengine: {{queues: [{one}, {one}]}}\n")
    assert mistake.path == "jobengine.queues"
