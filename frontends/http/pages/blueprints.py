"""Every page of the console: one module a subject, one line each."""

from collections.abc import Sequence
from typing import Final

from quart import Blueprint

from frontends.http.pages import (
    administration,
    assets,
    overview,
    signing,
    users,
)

BLUEPRINTS: Final[Sequence[Blueprint]] = (
    assets.blueprint,
    signing.blueprint,
    overview.blueprint,
    users.blueprint,
    administration.blueprint,
)
