"""What is wrong with the settings, all of it at once."""

from collections.abc import Iterable

from attrs import frozen

SHOWN = 60
"""Characters of a strange value that a message repeats."""


def shown(text: str) -> str:
    """Somebody's text made safe to print: quoted, control characters escaped, cut."""
    cut = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return ascii(cut) if not cut.isprintable() else f"'{cut}'"


@frozen
class Mistake:
    """One thing wrong."""

    path: str
    """The setting, as `users[0].password`; empty for a file as a whole."""
    problem: str
    """What was expected and what was found. Never a secret."""
    place: str = ""
    """Where it was said: `config.yml:12`, a variable, a flag; empty when nothing said it."""

    def __str__(self) -> str:
        """One line for people."""
        return ": ".join(part for part in (self.place, self.path, self.problem) if part)


class SettingsError(Exception):
    """The settings cannot be used."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
