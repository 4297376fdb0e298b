"""The native words: every command of the table in array form, and what a connection is by them."""

from typing import Final

from attrs import frozen

from engine import commands
from engine.access import Right
from engine.commands import Route
from frontends.dialects.answers import Denied
from frontends.dialects.native import WORDS, Bound, NativeWord
from frontends.lines.outbox import LINE, NATIVE, Answer, Slot
from frontends.lines.talk import Talk

_HOLDING: Final = (commands.Subscribe, commands.Reserve, commands.ReserveAny)
"""Who asks for one of these holds jobs as a native client from then on."""
_OF_NO_GROUP: Final = (0, int(Right.ADMIN))
_NO_TEST_MODE: Final = Denied("test-mode-disabled", "only with test_mode")
_NO_DISPATCH: Final = Denied("dispatch-disabled", "only with allow_dispatch or test_mode")


@frozen
class NativeAct:
    """One native word, spoken by a session."""

    word: NativeWord

    @property
    def in_group(self) -> bool:
        """Whether it needs a group: all do but those over all groups and those of the server."""
        row = self.word.row
        return row.route is not Route.SERVER or row.needs not in _OF_NO_GROUP

    def __call__(self, talk: Talk, words: list[bytes], slot: Slot) -> Answer | None:
        """Have the engine answer the slot, or say at once why not."""
        bound = self.word.bind(words, talk.settings.policy)
        if not isinstance(bound, Bound):
            return bound
        command = bound.command
        kind = self.word.row.kind
        if kind in _HOLDING:
            talk.be_native(slot.form, subscribes=kind is commands.Subscribe)
        if kind is commands.Subscribe:
            slot.pushes_as = (talk.group, command.queue), NATIVE + slot.form
        elif kind is commands.Unsubscribe:
            slot.pushes_as = (talk.group, command.queue), LINE
        elif kind is commands.Dump and not talk.settings.test_mode:
            return _NO_TEST_MODE
        elif kind is commands.RetryAllNow and not talk.settings.dispatch:
            return _NO_DISPATCH
        talk.submit(command, slot, bound.request_id)
        return None


ACTS: Final[dict[str, NativeAct]] = {name: NativeAct(word) for name, word in WORDS.items()}
