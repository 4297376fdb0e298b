"""What is sent to browsers beside pages: vendored files as they were taken, and nothing inline."""

import gzip
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from trio.testing import MockClock

from frontends.http.pages.assets import ASSETS
from tests.frontends.http.pages.browser import Console

PAGES = Path(str(files("frontends.http.pages")))
STATIC = PAGES / "static"
TEMPLATES = sorted((PAGES / "templates").glob("*.html"))
HASHES = {
    line.split()[1]: line.split(None, 2)
    for line in (STATIC / "HASHES").read_text("utf-8").splitlines()
}
LICENSES = {"htmx.org": "htmx", "@picocss/pico": "pico", "uplot": "uplot"}
FORBIDDEN = {
    "a script with text": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "code of htmx": re.compile(r"hx-on|hx-vals=['\"]js:|hx-live", re.IGNORECASE),
    "something not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b"),
    "an address of another site": re.compile(
        r"\s(?:src|href|action)=\"(?:https?:)?//", re.IGNORECASE
    ),
    "an address not made by at or asset": re.compile(
        r"\s(?:src|href|action|formaction)=\"(?!\{\{|\{%|#)", re.IGNORECASE
    ),
    "an attribute without quotes": re.compile(r"=\{\{"),
}
MAKING = re.compile(r"\beval\(|new Function|(?:inner|outer)HTML|insertAdjacentHTML|document\.write")
OF_NO_GROUP = {
    "_nav.html", "login.html", "groups.html", "tokens.html", "user.html", "users.html",
}  # fmt: skip
FIRST_VISIT = 150_000


@pytest.mark.parametrize("name", sorted(HASHES))
def test_a_vendored_file_is_what_was_published(name: str) -> None:
    digest, _, package = HASHES[name]
    assert sha256((STATIC / name).read_bytes()).hexdigest() == digest
    licence = STATIC / f"LICENSE-{LICENSES[package.split()[0]]}.txt"
    assert "ermission" in licence.read_text("utf-8")


def test_every_file_is_vendored_or_ours() -> None:
    ours = {each.name for each in STATIC.iterdir()} - set(HASHES)
    assert not [name for name in ours if ".min." in name]
    assert len(ours & set(ASSETS)) + len(HASHES) == len(ASSETS)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has_anything_inline(template: Path, what: str) -> None:
    text = template.read_text("utf-8")
    found = FORBIDDEN[what].search(text)
    assert found is None, text[found.start() - 40 : found.end() + 40]


@pytest.mark.parametrize(
    "bad",
    [
        "<script>x",
        "<p style=a>",
        "<a\nonclick='x'>",
        "{{ x|safe }}",
        '<a href="/x">',
        '<a href="https://x">',
        "<p id={{ x }}>",
    ],
)
def test_the_search_for_inline_things_finds_them(bad: str) -> None:
    assert any(rule.search(bad) for rule in FORBIDDEN.values())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_says_in_which_group_it_was_seen(template: Path) -> None:
    if template.name not in OF_NO_GROUP:
        for form in template.read_text("utf-8").split('<form method="post"')[1:]:
            begun = form.partition(">")[2].lstrip()
            assert begun.startswith(("{{ m.seen() }}", "{{ _hidden(fields) }}"))


@pytest.mark.parametrize("name", sorted(each for each in ASSETS if each.endswith(".js")))
def test_no_script_makes_code_of_text_or_html_of_what_it_is_told(name: str) -> None:
    if name in HASHES:
        return
    text = ASSETS[name].plain.decode()
    assert MAKING.search(text) is None


async def test_a_file_is_sent_packed_and_kept_for_ever(
    console: Console, autojump_clock: MockClock
) -> None:
    for name, asset in ASSETS.items():
        target = f"/static/{asset.digest}/{name}"
        packed = await console.browser().get(target, **{"accept-encoding": "br, gzip"})
        assert gzip.decompress(packed.body) == asset.plain
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in packed.headers["cache-control"]
        assert packed.headers["vary"] == "Accept-Encoding"
        plain = await console.browser().get(target)
        assert plain.body == asset.plain
        assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    "target",
    [
        "/static/0000000000000000/console.css",
        "/static/HASHES",
        "/static/0/HASHES",
        "/static/0/..%2f..%2fapp.py",
        "/static//etc/passwd",
    ],
)
async def test_nothing_else_is_sent(
    console: Console, autojump_clock: MockClock, target: str
) -> None:
    assert (await console.browser().get(target)).status in {308, 404}


async def test_the_first_visit_is_small(console: Console, autojump_clock: MockClock) -> None:
    browser = await console.logged_in()
    page = await browser.get("/")
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert len(addresses) > 5
    total = len(page.body)
    for target in addresses:
        sent = await browser.get(target, **{"accept-encoding": "gzip"})
        assert sent.status == 200
        total += len(sent.body)
    assert total <= FIRST_VISIT // 2
