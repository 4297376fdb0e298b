"""The one error of reading a schedule, and the way Go quotes text inside its errors."""

_SHORT_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip


class BadCron(ValueError):
    """A schedule that cannot be read; the text says why, in one line of printable characters.

    The wording is that of robfig/cron v3 and of Go's own parsers, which the line protocol
    promises. Where those would put a raw control character into the text, it is escaped here.
    """

    def __init__(self, text: str) -> None:
        super().__init__("".join(map(_printable, text)))


def quote(text: str) -> str:
    """`text` as Go's strconv.Quote writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(map(_printable, escaped))}"'


def quote_bytes(text: str) -> str:
    """`text` as Go's time package quotes it: every byte outside printable ASCII as hex."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogatepass")
    hexed = (chr(byte) if 0x20 <= byte < 0x80 else f"\\x{byte:02x}" for byte in escaped)
    return f'"{"".join(hexed)}"'


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if short := _SHORT_ESCAPES.get(character):
        return short
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
