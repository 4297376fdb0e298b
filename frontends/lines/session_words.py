"""The words that are about the session itself: who it is, what it works in, and its end."""

from collections.abc import Callable
from typing import Final

from engine import commands
from frontends.dialects import jobatator_json, resp
from frontends.dialects.answers import Denied, Said
from frontends.dialects.jobatator import BINDINGS
from frontends.lines.outbox import LINE, Answer, Slot
from frontends.lines.talk import Talk, member_of

WELCOME: Final = Said(b"Welcome!")
DONE: Final = Said(b"OK")
PONG: Final = Said(b"PONG")


def _auth(talk: Talk, words: list[bytes], slot: Slot) -> Answer | None:
    array = slot.form != LINE

    def welcome() -> Said:
        if array:
            select_only_group(talk)
        return WELCOME

    talk.log_in(words[1], words[2], slot, welcome)
    return None


def select_only_group(talk: Talk) -> None:
    """Select the user's group when there is only one and none is selected."""
    user = talk.principal
    assert user is not None
    groups = talk.door.groups() if user.admin else list(user.groups)
    if not talk.group and len(groups) == 1:
        talk.select(groups[0])


def _use_group(talk: Talk, words: list[bytes], _: Slot) -> Answer:
    user = talk.principal
    assert user is not None
    group = words[1].decode("utf-8", "replace")
    if group not in talk.door.groups():
        return Denied("unknown-group", "there is no such group")
    if not user.rights(group):
        return Denied("forbidden-group", "you have no rights in this group")
    talk.select(group)
    return DONE


def _subscribe(talk: Talk, words: list[bytes], slot: Slot) -> None:
    _change_subscription(talk, "SUBSCRIBE", words, slot, slot.form)


def _unsubscribe(talk: Talk, words: list[bytes], slot: Slot) -> None:
    _change_subscription(talk, "UNSUBSCRIBE", words, slot, LINE)


def _change_subscription(talk: Talk, word: str, words: list[bytes], slot: Slot, form: int) -> None:
    slot.binding = BINDINGS[word]
    command = slot.binding.bind(words, talk.settings.terms)
    if isinstance(command, commands.Subscribe | commands.Unsubscribe):
        slot.pushes_as = (talk.group, command.queue), form
    talk.submit(command, slot)


def _ping(_: Talk, __: list[bytes], ___: Slot) -> Answer:
    return PONG


def _quit(talk: Talk, _: list[bytes], slot: Slot) -> Answer:
    talk.deaf = True
    slot.last = True
    return Said(b"") if slot.form == LINE else resp.OK


def _current_session(talk: Talk, _: list[bytes], __: Slot) -> Answer:
    return Said(
        jobatator_json.session(talk.name, member_of(talk.principal), talk.address, talk.group),
        bulk=True,
    )


ACTS: Final[dict[str, Callable[[Talk, list[bytes], Slot], Answer | None]]] = {
    "AUTH": _auth,
    "USE_GROUP": _use_group,
    "SUBSCRIBE": _subscribe,
    "UNSUBSCRIBE": _unsubscribe,
    "PING": _ping,
    "QUIT": _quit,
    "CURRENT_SESSION": _current_session,
}
