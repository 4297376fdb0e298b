"""The example file documents everything, and what is shown can be read again."""

from pathlib import Path

import pytest
import yaml

from config import yaml_file
from config.keys import keys
from config.loading import load
from config.settings import Settings
from config.show import show
from config.tree import Node, Tree
from tests.config.conftest import Load

EXAMPLE = Path(__file__).parents[2] / "config" / "examples" / "jobyard.yml"


def paths(node: Node, above: str = "") -> list[str]:
    if not isinstance(node, Tree):
        return [above]
    return [
        path
        for key, inner in node.entries.items()
        for path in paths(inner, f"{above}.{key}" if above else key)
    ]


def test_the_example_lists_every_setting_in_order() -> None:
    assert paths(yaml_file.read(EXAMPLE).root) == list(keys())


def test_the_example_lists_the_defaults() -> None:
    assert load([EXAMPLE]).settings == Settings()


def test_each_setting_of_the_example_is_explained() -> None:
    explained = False
    for line in EXAMPLE.read_text().splitlines():
        if not line.strip():
            explained = False
        elif line.strip().startswith("#"):
            explained = True
        elif not line.startswith(" "):
            explained = explained or not line.endswith(":")
            assert explained or line in {"limits:", "store:", "lines:", "reconnect:", "cancel:",
                                         "stop:", "queues:", "login:", "jobengine:", "rpc:",
                                         "http:"}, line  # fmt: skip


def test_what_is_shown_is_what_is_in_force(load_text: Load) -> None:
    text = """
host: 10.0.0.1
insecure_plaintext: true
lines: {silence: 1.5, plaintext_auth: false}
groups: [mail, 'wéb: #1', "yes"]
jobengine: {group: "null"}
"""
    loaded = load_text(text)
    page = show(loaded.settings, loaded.origins)
    assert load_text(page).settings == loaded.settings
    assert "  silence: 1.5  # " in page
    assert "config.yml:4" in page


def test_what_is_shown_of_defaults_is_the_defaults(load_text: Load) -> None:
    page = show(Settings(), {})
    assert "#" not in page
    assert load_text(page).settings == Settings()


@pytest.mark.parametrize("odd", ["a\nb: 1", "a # b", "...", "---", "\u2028x", "\x1b[0m"])
def test_an_odd_place_cannot_forge_a_line(odd: str) -> None:
    page = show(Settings(), {"port": odd, "lines.silence": odd})
    assert yaml.safe_load(page) == yaml.safe_load(show(Settings(), {}))
    assert page.isprintable() or page.replace("\n", "").isprintable()


def test_secrets_are_hidden(load_text: Load) -> None:
    loaded = load_text("secret: hunter2\nusers: [{username: a, password: hunter2}]\n")
    page = show(loaded.settings, loaded.origins)
    assert "hunter2" not in page
    assert page.count("(hidden)") == 2
