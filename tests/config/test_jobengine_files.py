"""A JobEngine v0 file and both versions' variables, as they are."""

from pathlib import Path

import pytest

from config.declared import DeclaredQueue
from config.loading import Sources, load
from config.settings import Settings
from tests.config import originals
from tests.config.conftest import Load, Wrong

WHOLE = "version: 1\nport: 6010\njob_keep_minutes: 30\njob_timeout_minutes: 20\nqueues: {}\n"


def test_it_is_read_as_it_is(load_text: Load) -> None:
    settings = load_text(originals.JOBENGINE).settings
    assert settings.jobengine.v0_port == 6010
    assert (settings.jobengine.keep_minutes, settings.jobengine.timeout_minutes) == (30, 30)
    assert settings.jobengine.queues == (DeclaredQueue("first", ("service1",), ("service2",)),)
    assert (settings.port, settings.http_port) == (None, None)


@pytest.mark.parametrize("version", ["1", "1.0", "1.", "+1"])
def test_no_queues_are_none_that_stay(load_text: Load, version: str) -> None:
    text = WHOLE.replace("version: 1", f"version: {version}")
    assert load_text(text).settings.jobengine.queues == ()
    assert Settings().jobengine.queues is None


def test_it_may_say_more_in_our_words(load_text: Load) -> None:
    more = "jobengine: {group: old}\nhttp: {port: 0}\nlog_level: error\n"
    settings = load_text(WHOLE + more).settings
    assert (settings.jobengine.group, settings.jobengine.v0_port) == ("old", 6010)
    assert (settings.http_port, settings.port, settings.log_level) == (0, None, "error")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("version: 1", "version: 2", "version"),
        ("version: 1", "version: '1'", "version"),
        ("version: 1", "version: 1\u0663", "version"),
        ("version: 1", "", "version"),
        ("port: 6010", "", "port"),
        ("port: 6010", "port: '6010'", "jobengine.v0_port"),
        ("port: 6010", "port: 6_010", "jobengine.v0_port"),
        ("job_keep_minutes: 30", "job_keep_minutes: 1.5", "jobengine.keep_minutes"),
        ("job_keep_minutes: 30", "job_keep_minutes: -1", "jobengine.keep_minutes"),
        ("job_timeout_minutes: 20", "", "job_timeout_minutes"),
        ("job_timeout_minutes: 20", "job_timeout_minutes:", "job_timeout_minutes"),
        ("queues: {}", "", "queues"),
        ("queues: {}", "queues: [a]", "queues"),
        ("queues: {}", "queues: {a: }", "jobengine.queues[0]"),
        ("queues: {}", "queues: {a: {read: [b]}}", "jobengine.queues[0].write[0]"),
        ("queues: {}", "queues: {a: {read: [b], write: }}", "jobengine.queues[0].write[0]"),
        ("queues: {}", "queues: {a: {read: [[b]], write: []}}", "jobengine.queues[0].read[0]"),
        ("queues: {}", "queues: {a: {read: [b], write: [], own: 1}}", "jobengine.queues[0].own"),
        ("queues: {}", 'queues: {"a\\u0085": {read: [], write: []}}', "jobengine.queues[0].name"),
        ("queues: {}", "queues: {a: {read: [], write: []}, a: {}}", "queues.a"),
    ],
)
def test_one_mistake_is_told_once(mistakes_of: Wrong, old: str, new: str, path: str) -> None:
    assert [each.path for each in mistakes_of(WHOLE.replace(old, new))] == [path]


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("job_keep_minutes: 3", "version"),
        ("queues: {a: {read: [b]}}", "job_timeout_minutes"),
    ],
)
def test_one_of_its_marks_is_enough(mistakes_of: Wrong, file: str, path: str) -> None:
    assert path in [each.path for each in mistakes_of(file)]


def test_its_variables(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text(WHOLE)
    environ = {
        "SECRET": "s", "CONFIG_PATH": str(file), "DB_PATH": "/data/db", "API_PORT": "6006",
        "GIN_MODE": "debug",
    }  # fmt: skip
    settings = load([], environ).settings
    assert (settings.secret, settings.store.path, settings.log_level) == ("s", "/data/db", "debug")
    assert (settings.jobengine.v0_port, settings.jobengine.v1_port) == (6010, 6006)
    ours = {"JOBYARD_STORE": "memory", "JOBYARD_JOBENGINE__V1_PORT": "1"}
    settings = load([], environ | ours).settings
    assert (settings.store.path, settings.jobengine.v1_port) == ("memory", 1)


@pytest.mark.parametrize("mode", ["release", "test", "", "loud"])
def test_other_modes_say_nothing(mode: str) -> None:
    assert load([], {"GIN_MODE": mode}).settings == Settings()


@pytest.mark.parametrize("name", ["/nowhere/config.yml", "a\x00b", "\udcff", "x" * 5000])
def test_a_path_that_names_no_file_is_told_and_changes_nothing(name: str) -> None:
    loaded = load([], {"CONFIG_PATH": name})
    assert loaded.settings == Settings()
    (warning,) = loaded.warnings
    assert "CONFIG_PATH" in warning
    assert warning.isprintable()


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text(WHOLE.replace("version: 1", "version: 2"))
    sources = Sources((file,), {"CONFIG_PATH": str(file)})
    with pytest.raises(Exception, match="expected the number 1") as caught:
        sources.load()
    assert str(caught.value).count("expected the number 1") == 1


def test_what_is_named_on_the_command_line_wins_over_it(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.yml", tmp_path / "ours.yml"
    theirs.write_text(WHOLE)
    ours.write_text("jobengine: {keep_minutes: 5}\n")
    settings = load([ours], {"CONFIG_PATH": str(theirs)}).settings
    assert (settings.jobengine.keep_minutes, settings.jobengine.timeout_minutes) == (5, 20)
