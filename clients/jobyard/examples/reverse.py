"""Text from its end to its beginning, with what looks like one character left in one piece.

After Unicode's rules for grapheme clusters (UAX 29): marks stay with what they are on, emoji that
are joined or toned stay together, flags are two letters, and a line end is one. Of Hangul only
whole syllables are known, as composed text has them.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

_JOINER: Final = "\u200d"
_LETTERS: Final = range(0x1F1E6, 0x1F200)
"""Two of them are a flag."""
_TONES: Final = range(0x1F3FB, 0x1F400)
_TAGS: Final = range(0xE0020, 0xE0080)
"""What flags of regions are spelled with."""
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})


def backwards(text: str) -> str:
    """The same characters in the other order."""
    return "".join(reversed(list(characters(text))))


def characters(text: str) -> Iterator[str]:
    """What people would count as characters."""
    start = 0
    letters = 0
    for at in range(1, len(text) + 1):
        before = text[at - 1]
        letters = letters + 1 if ord(before) in _LETTERS else 0
        if at < len(text) and _stays(before, text[at], letters):
            continue
        yield text[start:at]
        start, letters = at, 0


def _stays(before: str, this: str, letters: int) -> bool:
    """Whether there is no border between two code points; `letters` are those of a flag."""
    if before == "\r":
        return this == "\n"
    if unicodedata.category(before) == "Cc":
        return False
    if unicodedata.category(this) in _MARKS or this in {_JOINER, "\u200c"}:
        return True
    if ord(this) in _TONES or ord(this) in _TAGS:
        return True
    if before == _JOINER:
        return unicodedata.category(this) == "So"
    return letters % 2 == 1 and ord(this) in _LETTERS
