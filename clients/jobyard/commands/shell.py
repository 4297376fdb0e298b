"""`jobyard shell`: many commands over one connection, typed or piped."""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from jobyard.commands.reach import HERE, OK, Reached, address, told
from jobyard.commands.shell_line import LINE_MAX, Shell
from jobyard.commands.showing import say, shown


def shell(*, reach: Reached = HERE) -> int:
    """Say many commands over one connection: typed, or a line each from stdin.

    From stdin every line is said, `#` begins a comment, and the exit code is that of the first
    line that was refused.

    Args:
        reach: the server.
    """

    def connected() -> int:
        talk = Shell(address(reach))
        with talk.client:
            return _converse(talk) if sys.stdin.isatty() else _recite(talk, sys.stdin.buffer)

    return told(connected)


def _recite(talk: Shell, lines: BinaryIO) -> int:
    first = OK
    while raw := lines.readline(LINE_MAX + 2):
        code = talk.say(os.fsdecode(raw).rstrip("\r\n"))
        sys.stdout.flush()
        if code is None:
            break
        first = first or code
    return first


def _converse(talk: Shell) -> int:
    talk.learn()
    for line in _typed(talk):
        try:
            if talk.say(line) is None:
                break
        except KeyboardInterrupt:
            say("jobyard: canceled; jobs that this connection held are given back", sys.stderr)
    return OK


def _typed(talk: Shell) -> Iterator[str]:
    from prompt_toolkit import PromptSession  # noqa: PLC0415 - a pipe needs no editor

    from jobyard import command  # noqa: PLC0415 - it has loaded this module
    from jobyard.commands.shell_completion import Completing  # noqa: PLC0415 - as the editor
    from jobyard.commands.shell_history import Lines, place  # noqa: PLC0415 - the same

    session: PromptSession[str] = PromptSession(
        history=Lines(place()), completer=Completing(command.app, talk.names),
        complete_while_typing=False,
    )  # fmt: skip
    while True:
        try:
            yield session.prompt(f"{shown(talk.group) or 'jobyard'}> ")
        except KeyboardInterrupt:  # the line is given up, not the shell
            continue
        except EOFError:
            return
