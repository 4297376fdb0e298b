"""Jobyard, seen from outside: the `jobyard` command."""

from typing import Final

__version__: Final = "0.1.0"
