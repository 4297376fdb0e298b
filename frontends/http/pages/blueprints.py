"""Every page of the console: one module a subject, one line each."""

from collections.abc import Sequence
from typing import Final

from quart import Blueprint

from frontends.http.pages import (
    assets,
    overview,
    signing,
)

BLUEPRINTS: Final[Sequence[Blueprint]] = (
    assets.blueprint,
    signing.blueprint,
    overview.blueprint,
)
