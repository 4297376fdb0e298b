"""Splitting a line of the jobatator protocol into words.

Rule 1: words are cut at single spaces; two spaces in a row enclose an empty word.
Rule 2: a word that begins with `'` opens a quoted argument, one that ends with `'` closes it, and
one that does both is an argument by itself. A lone `'` closes what is open, else it opens.
Rule 3: an argument that is never closed is dropped. A closing word with nothing open is appended
to the argument closed before it, as clients of the original see it.
"""

from typing import Final

CARRIED: Final = 64 * 1024
"""Bytes that rule 3 may repeat in one line; a line of closing words would square its length."""


def split(line: bytes) -> list[bytes]:
    """The words of a line without its line end; there may be none."""
    head, quote, tail = line.partition(b"'")
    if not quote:
        return line.split(b" ")
    if head[-1:] == b" " and tail[-1:] == b"'":
        inner = tail[:-1]
        if b"'" not in inner or (b" '" not in inner and b"' " not in inner):
            words = head.split(b" ")
            words[-1] = inner
            return words
    return split_quoted(line)[0]


def split_quoted(line: bytes) -> tuple[list[bytes], bool]:
    """The words of any line, and whether a quoted argument is still open at its end."""
    words: list[bytes] = []
    opened, parts, carried = False, [b""], 0
    for word in line.split(b" "):
        lone, begins, ends = word == b"'", word[:1] == b"'", word[-1:] == b"'"
        if begins and ends and not lone:
            words.append(word[1:-1])
        elif begins and not (lone and opened):
            opened, parts = True, [word]
        elif ends:
            parts.append(word)
            argument = b" ".join(parts)[1:-1]
            words.append(argument)
            carried += 0 if opened else len(argument)
            opened, parts = False, [argument if carried < CARRIED else b""]
        elif opened:
            parts.append(word)
        else:
            words.append(word)
    return words, opened
