"""What somebody typed into a form: read by the engine's own bounds, kept when it is no good."""

import re
from collections.abc import Mapping
from typing import Any, Final

from frontends.dialects.native_values import Reader, Unfit

LONGEST: Final = 80
"""Characters of a word that is repeated in a sentence."""
_BOUND: Final = re.compile(r"Expected `\w+` (of length )?(>=|<=) ([-0-9.]+)")


class Typed:
    """The fields of one form, and what is wrong with them."""

    def __init__(self, fields: Mapping[str, str], usual: Mapping[str, str]) -> None:
        """Take what was sent.

        Args:
            fields: of the form; those that no page has are left alone.
            usual: every field there is, with what stands in it at first.
        """
        self.values = {name: fields.get(name, "") for name in usual} if fields else dict(usual)
        self.mistakes: dict[str, str] = {}
        """By field, a sentence that says what would be right."""

    @property
    def good(self) -> bool:
        """Nothing is wrong so far."""
        return not self.mistakes

    def text(self, name: str) -> str:
        """As it was typed, without spaces around it."""
        return self.values[name].strip()

    def block(self, name: str) -> str:
        """Several lines as they were typed: browsers send each end of a line as two characters."""
        return self.values[name].replace("\r\n", "\n")

    def read(self, name: str, reader: Reader, *, needed: bool = False) -> Any:
        """The value of a field; None: nothing was typed, or nothing good."""
        text = self.text(name)
        if not text:
            if needed:
                self.wrong(name, "is needed")
            return None
        try:
            return reader(text.encode("utf-8", "replace"))
        except Unfit as error:
            self.wrong(name, plainly(str(error)))
            return None

    def wrong(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the first sentence stays."""
        self.mistakes.setdefault(name, sentence)


def plainly(sentence: str) -> str:
    """What is wrong with a number or a length, without the words of the program."""
    found = _BOUND.fullmatch(sentence)
    if found is None:
        return sentence
    length, bound = found[1], found[3].removesuffix(".0")
    if length:
        return f"is {'longer' if found[2] == '<=' else 'shorter'} than {bound} characters"
    return f"is {'more' if found[2] == '<=' else 'less'} than {bound}"
