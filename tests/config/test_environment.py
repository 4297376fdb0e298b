"""Each setting has a variable, and each variable is held to the same bounds."""

from typing import Any, get_args, get_origin

import pytest

from config.keys import Key, bare, keys, meta
from config.loading import load
from config.mistakes import SettingsError
from config.rules import broken
from config.settings import Settings
from config.structuring import structure
from config.tree import Scalar, Tree, plant

VALUES = {
    "host": "::1",
    "groups": "[{slug: a}, b]",
    "users": "[{username: a, password: x}]",
    "lines.publish_reply": "plain",
    "log_level": "FATAL",
    "delay_policy": "ignore",
    "store.cipher": "aegis",
    "store.writer": "thread",
    "http.origins": "[https://a.example]",
    "http.hosts": "[a.example]",
    "http.prefix": "/jobs",
    "jobengine.queues": "[{name: a, read: [b], write: [c, d]}]",
}


def another(key: Key) -> str:
    """A value that is not the default, as a variable holds it."""
    if key.path in VALUES:
        return VALUES[key.path]
    inner = bare(key.type)
    kind = get_args(inner)[0] if get_origin(inner) is not None else inner
    if kind is bool:
        return "false" if key.default else "true"
    if kind is str:
        return "something"
    bounds = meta(key.type)
    assert bounds.ge is not None
    return str(max(bounds.ge, 0)) if key.default else str(max(bounds.ge, 1))


def value_at(settings: Settings, path: str) -> Any:
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("path", keys())
def test_each_variable_sets_its_setting(path: str) -> None:
    key = keys()[path]
    tree = Tree({}, "")
    plant(tree, path, Scalar(another(key), "there", plain=not key.is_text))
    assert key.default == value_at(Settings(), path)
    environ = {key.variable: another(key), "UNRELATED": "x"}
    if not key.is_list and broken(structure(tree), {}):
        # It cannot stand alone (a certificate without a port): then it was read at least.
        with pytest.raises(SettingsError) as caught:
            load([], environ)
        assert all("expected" not in each.problem for each in caught.value.mistakes)
        return
    loaded = load([], environ)
    assert value_at(loaded.settings, path) != key.default
    assert set(loaded.origins) == {path}
    assert loaded.origins[path].startswith(f"${key.variable}")


@pytest.mark.parametrize("path", [key.path for key in keys().values() if not key.is_text])
def test_each_variable_is_held_to_its_bounds(path: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load([], {keys()[path].variable: "\udcff nonsense {"})
    assert [mistake.path for mistake in caught.value.mistakes] == [path]


@pytest.mark.parametrize("path", keys())
def test_an_empty_variable_says_nothing(path: str) -> None:
    assert load([], {keys()[path].variable: ""}).settings == Settings()


def test_no_two_settings_share_a_variable() -> None:
    variables = [key.variable for key in keys().values()]
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize("value", ["1", "0", "false", "no", " "])
def test_the_originals_switches_are_on_when_not_empty(value: str) -> None:
    settings = load([], {"TEST_MODE": value, "ALLOW_DISPATCH": value}).settings
    assert settings.test_mode
    assert settings.allow_dispatch


def test_empty_switches_are_off() -> None:
    assert load([], {"TEST_MODE": "", "ALLOW_DISPATCH": ""}).settings == Settings()


def test_our_name_wins_over_the_originals() -> None:
    environ = {"TEST_MODE": "1", "JOBYARD_TEST_MODE": "false", "SECRET": "a", "JOBYARD_SECRET": "b"}
    settings = load([], environ).settings
    assert (settings.test_mode, settings.secret) == (False, "b")
    assert load([], {"SECRET": "~"}).settings.secret == "~"


def test_a_short_name_for_the_store() -> None:
    assert load([], {"JOBYARD_STORE": "memory"}).settings.store.path == "memory"


def test_a_variable_that_looks_like_ours_is_warned_about() -> None:
    loaded = load([], {"JOBYARD_LINES_SILENCE": "1", "JOBYARD_\udcff": "x"})
    assert loaded.settings == Settings()
    assert any("did you mean JOBYARD_LINES__SILENCE?" in warning for warning in loaded.warnings)
    assert all(warning.isprintable() for warning in loaded.warnings)


def test_a_variable_that_is_no_utf8_is_a_mistake() -> None:
    with pytest.raises(SettingsError) as caught:
        load([], {"JOBYARD_SECRET": "\udcff", "JOBYARD_GROUPS": "[\udcff]"})
    assert {mistake.path for mistake in caught.value.mistakes} == {"secret", "groups"}
