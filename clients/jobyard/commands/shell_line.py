"""One line of the shell: a word of the server, a command of the CLI, or the shell's own."""

import shlex
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from attrs import evolve

from engine.commands import PLAIN
from frontends.dialects.native import WORDS, Bound
from jobyard import command
from jobyard.commands.options import payload_of
from jobyard.commands.reach import OK, WRONG, complain, holding, told
from jobyard.commands.shell_completion import OUTSIDE, OWN, typed_names
from jobyard.commands.shell_names import Names, Remembering
from jobyard.commands.showing import say, say_json, shown
from jobyard.errors import BadArgument
from jobyard.job import plain
from jobyard.resp import Push
from jobyard.url import Address
from jobyard.words import Call, anything

LINE_MAX: Final = 4 * 2**20
"""Characters."""
_INTERRUPTED: Final = 130
_ABOUT: Final = """\
Commands as after `jobyard`, in lower case: publish mail welcome hi --delay 60
Words of the server, in upper case:         ENQUEUE mail welcome hi DELAY 60
A word in lower case is the server's where there is no such command: reserve mail
What the server pushes is shown with the next answer.

help [WORD]   what there is, or what a word takes
use GROUP     go on in another group
quit          leave; so does Ctrl-D. Ctrl-C ends a command that waits.
"""


class Shell:
    """Says lines over one connection."""

    def __init__(self, address: Address) -> None:
        self.client = Remembering(address, patience=0.0)
        self.client.names = self.names = Names()
        self.client.on_push = _push

    @property
    def group(self) -> str:
        """The one it works in; empty: the user's only one."""
        return self.client.address.group

    def learn(self) -> None:
        """Ask for the names of the queues; who may not read them completes none."""
        told(lambda: self._word(["DESCRIBE_ALL", "JOBS", "0"], quiet=True), quiet=True)

    def say(self, line: str) -> int | None:
        """Say one line and show what it brings.

        Returns:
            Its exit code; None: the shell is over.
        """
        try:
            words = _split(line)
        except BadArgument as error:
            return complain(error, WRONG)
        match words:
            case []:
                return OK
            case ["quit" | "exit" | "QUIT"]:
                return None
            case ["help", *of]:
                return self._help(of)
            case [("use" | "USE_GROUP"), group]:
                return told(lambda: self._use(group))
            case [name, *_] if name in OWN:
                return complain(f"{name} takes another number of words: help", WRONG)
            case [name, *_] if name in OUTSIDE:
                return complain(f"{name} is none of the shell: type `jobyard {name}`", WRONG)
            case [name, *_] if name in typed_names(command.app):
                return self._command(words)
            case _:
                return told(lambda: self._word(words))

    def _command(self, words: list[str]) -> int:
        with holding(self.client):
            try:
                return command.main(words)
            except SystemExit as ended:  # how the command line ends at Ctrl-C
                if ended.code == _INTERRUPTED:
                    raise KeyboardInterrupt from None
                return WRONG

    def _word(self, said: Sequence[str], *, quiet: bool = False) -> None:
        name = said[0].upper()
        if name == "HELLO":
            raise BadArgument("the shell has greeted already")
        raw = (name.encode(), *map(payload_of, said[1:]))
        answer = self.client.call(Call(raw, anything, repeatable=False, wait=_wait(raw)))
        if name == "AUTH" and len(said) == 3:
            address = self.client.address
            self.client.address = evolve(address, user=said[1], password=said[2])
        if not quiet:
            _show(answer)

    def _use(self, group: str) -> None:
        self._word(["USE_GROUP", group], quiet=True)
        self.client.address = evolve(self.client.address, group=group)
        self.names.forget()
        self.learn()

    def _help(self, of: Sequence[str]) -> int:
        match of:
            case []:
                say(_ABOUT)
                for name in typed_names(command.app):
                    say(f"{name:<20}  {command.app[name].help}")
                say()
                for name, word in WORDS.items():
                    say(f"{name:<20}  {word.row.about}")
                return OK
            case [name, *_] if name in typed_names(command.app):
                return self._command([*of, "--help"])
            case [name] if name.upper() in WORDS:
                word = WORDS[name.upper()]
                say(f"{word.usage}\n\n{word.row.about}")
                return OK
            case _:
                return complain("there is no such word: help lists them", WRONG)


def _split(line: str) -> list[str]:
    if len(line) > LINE_MAX:
        raise BadArgument(f"the line is longer than {LINE_MAX} characters")
    if line.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(line)
    except ValueError:
        raise BadArgument("a quotation mark or a backslash at the end is left open") from None


def _wait(raw: Sequence[bytes]) -> float:
    """Seconds that the server may take to answer."""
    word = WORDS.get(raw[0].decode("utf-8", "replace"))
    if word is None or len(raw) <= len(word.required):
        return 0.0
    bound = word.bind(list(raw), PLAIN.policy)
    waits: float = getattr(bound.command, "wait", 0.0) if isinstance(bound, Bound) else 0.0
    return waits


def _show(answer: Any) -> None:
    """Print an answer: what is a text, or JSON in a text, as such."""
    if isinstance(answer, str) and answer[:1] in {"{", "["}:
        try:
            answer = msgspec.json.decode(answer)
        except (msgspec.DecodeError, RecursionError):
            say(shown(answer))
            return
    if isinstance(answer, str):
        say(shown(answer))
    else:
        say_json(answer)


def _push(push: Push) -> None:
    say_json(plain(push.items))
