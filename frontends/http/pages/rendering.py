"""Templates into text: everything is escaped, and nothing that is shown hides a character."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from engine.job import STATES, JobState
from frontends.http.pages import assets, words
from frontends.http.pages.places import Places, segment
from frontends.http.site import Site

PACKAGE: Final = "frontends.http.pages"
LAYOUT: Final = "layout.html"
BARE: Final = "bare.html"
"""The layout of what replaces a part of a page that is open already."""


MENU: Final = (
    ((), "Overview", "o", "read"),
    (("queues",), "Queues", "q", "read"),
    (("jobs",), "Jobs", "j", "read"),
    (("failures",), "Failures", "f", "read"),
    (("workers",), "Workers", "w", "read"),
    (("recurrences",), "Recurrences", "r", "read"),
    (("publish",), "Publish", "p", "publish"),
    (("users",), "Users", "u", "admin"),
    (("groups",), "Groups", "", "admin"),
    (("tokens",), "Tokens", "", "admin"),
    (("audit",), "Audit", "a", "admin"),
)
"""Path, word, the key that goes there after `g`, and the right it takes."""


class Renderer:
    """The templates of one console."""

    def __init__(self, site: Site, places: Places) -> None:
        """Read templates when they are first used."""
        self._now = site.now
        environment = Environment(
            loader=FunctionLoader(_source),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters.update(
            number=words.number,
            size=words.size,
            duration=words.duration,
            exact=words.exact,
            relative=self._relative,
            state_name=state_name,
            plural=words.plural,
            times=words.times,
            unchanged=unchanged,
            mark=segment,
        )
        environment.globals.update(
            at=places.at,
            pages=MENU,
            asset=lambda name: places.at(*assets.address(name)),
            states=STATES,
            version=site.version,
            now=site.now,
        )
        self._environment = environment

    def render(self, template: str, values: Mapping[str, Any], *, bare: bool = False) -> str:
        """One page, or its content alone."""
        layout = BARE if bare else LAYOUT
        return self._environment.get_template(template).render(values, layout=layout)

    def _relative(self, at: float | None) -> str:
        return words.relative(at, self._now())


def state_name(state: JobState) -> str:
    """A state in the word people know it by."""
    return state.name.lower()


def unchanged(text: str) -> Markup:
    """Text for a field that is sent back: escaped, but with its characters as they are."""
    return escape(text.encode("utf-8", "replace").decode())


def _shown(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return words.visible(value) if isinstance(value, str) else value


def _source(name: str) -> str | None:
    found = files(PACKAGE).joinpath("templates", name)
    return found.read_text("utf-8") if found.is_file() else None
