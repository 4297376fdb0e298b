"""What one connection is owed, in order.

Rule 1: a slot is taken before the work starts, and answers leave in the order of their slots.
Rule 2: a push leaves right after the last slot that has its answer when the push arrives; never at
the tail, where SUBSCRIBE followed by a waiting command would keep it back for ever.
Rule 3: an answer has the form of its request, a push that of its SUBSCRIBE.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from engine.replies import CancelAsked, JobView, Ok, Pushed, Refused, Reply
from frontends.answered import OK, Answered
from frontends.dialects import jobatator_json, native_replies, resp
from frontends.dialects.answers import Denied, Framed, Said, Unframed
from frontends.dialects.jobatator import Binding, Terms, code_of

LINE: Final = 0
"""The line form; 2 and 3 are the array form, with that version of RESP."""
NATIVE: Final = 8
"""Added to the form of what is pushed by native words."""

_REFUSALS: Final = (Denied, Refused)
_UNFRAMED: Final = (Said, Denied, Refused)

Answer = Reply | Said | Framed | Denied
Pushable = JobView | CancelAsked


class Slot:
    """One request's place in line; the engine's reply address."""

    __slots__ = (
        "binding", "box", "form", "last", "number", "pushes", "pushes_as", "reply", "size",
    )  # fmt: skip

    def __init__(self, box: "Outbox", form: int, size: int, number: int) -> None:
        self.box = box
        self.form = form
        self.size = size
        self.number = number
        self.binding: Binding | None = None
        """Shows the engine's reply; None: a native word asked, and the reply shows all it has."""
        self.reply: Answer | None = None
        self.pushes: list[tuple[Pushable, int]] | None = None
        """What leaves right after it."""
        self.pushes_as: tuple[tuple[str, str], int] | None = None
        """Once this is answered with OK, the form of what a group's queue pushes."""
        self.last = False
        """The connection closes after it."""

    def send(self, reply: Answer) -> None:
        """Take the answer; a second one changes nothing."""
        if self.reply is None:
            self.reply = reply
            self.box.answered(self)


class Outbox:
    """The slots of one connection and what waits between them."""

    __slots__ = (
        "_ahead", "_answered", "_cut", "_dirty", "_forms", "_latest", "_notify", "_terms",
        "closing", "in_flight", "slots", "taken",
    )  # fmt: skip

    def __init__(
        self, terms: Terms, notify: Callable[[], None], answered: Answered | None = None
    ) -> None:
        """`notify` is called once when there is something to take, until it is taken.

        With `answered`, what leaves is counted there by code.
        """
        self.slots: deque[Slot] = deque()
        self.in_flight = 0
        """Bytes of the requests that have a slot here."""
        self.taken = 0
        """Slots ever reserved."""
        self.closing = False
        """Nothing comes after what was taken."""
        self._terms = terms
        self._notify = notify
        self._answered = Answered() if answered is None else answered
        self._dirty = False
        self._latest: Slot | None = None
        """The last slot that has its answer and is still here."""
        self._ahead: list[tuple[Pushable, int]] = []
        """Pushes that leave before all slots."""
        self._forms: dict[tuple[str, str], int] = {}
        """Group and queue of each subscription made in array form -> its version."""
        self._cut: Denied | None = None

    def reserve(self, form: int, size: int) -> Slot:
        """The next place in line, for a request of `size` bytes."""
        self.taken = number = self.taken + 1
        slot = Slot(self, form, size, number)
        self.slots.append(slot)
        self.in_flight += size
        return slot

    def answered(self, slot: Slot) -> None:
        """A slot got its answer."""
        latest, slots = self._latest, self.slots
        if self.closing or not slots:
            return
        if latest is None or slot.number > latest.number:
            self._latest = slot
        if slot.pushes_as is not None and isinstance(slot.reply, Ok):
            queue, form = slot.pushes_as
            if form == LINE:
                self._forms.pop(queue, None)
            else:
                self._forms[queue] = form
        if slots[0] is slot:
            self.mark()

    def push(self, job: JobView) -> None:
        """Put a job between the slots."""
        form = self._forms.get((job.group, job.queue), LINE) if self._forms else LINE
        self._push(job, form)

    def push_cancel(self, asked: CancelAsked, form: int) -> None:
        """Put word of a cancellation there."""
        self._push(asked, NATIVE + form)

    def _push(self, job: Pushable, form: int) -> None:
        latest = self._latest
        if latest is None:
            self._ahead.append((job, form))
            self.mark()
        elif latest.pushes is None:
            latest.pushes = [(job, form)]
        else:
            latest.pushes.append((job, form))

    def cut(self, reason: Denied) -> None:
        """Say why and close, whatever is still unanswered."""
        self._cut = reason
        self.mark()

    def deafen(self) -> None:
        """Tell nobody any more."""
        self._notify = _nobody

    def mark(self) -> None:
        """There is something to take."""
        if not self._dirty:
            self._dirty = True
            self._notify()

    def take(self) -> bytes:
        """Everything that may leave now, in order."""
        self._dirty = False
        parts: list[bytes] = []
        if self._ahead:
            parts += [_shown_push(job, form) for job, form in self._ahead]
            self._ahead.clear()
        slots = self.slots
        before = len(slots)
        while slots:
            slot = slots[0]
            reply = slot.reply
            if reply is None:
                break
            slots.popleft()
            self.in_flight -= slot.size
            parts.append(self._shown(slot, reply))
            if slot.pushes is not None:
                parts += [_shown_push(job, form) for job, form in slot.pushes]
            if slot is self._latest:
                self._latest = None
            if slot.last:
                before -= len(slots)
                self._end()
        self._answered[OK] += before - len(slots)
        if self._cut is not None and not self.closing:
            parts.append(_shown_refusal(self._cut, LINE))
            self._end()
        return b"".join(parts)

    def unframed(self) -> list[Unframed]:
        """Every answer that may leave now, in order, as a value: for who has a frame of their own.

        For boxes of the line form that nothing is pushed into.
        """
        self._dirty = False
        answers: list[Unframed] = []
        slots = self.slots
        while slots and (reply := slots[0].reply) is not None:
            slot = slots.popleft()
            self.in_flight -= slot.size
            if slot is self._latest:
                self._latest = None
            if isinstance(reply, _UNFRAMED):
                answers.append(reply)
                continue
            binding = slot.binding
            assert binding is not None
            text = binding.show(reply, self._terms)
            answers.append(Said(text, binding.bulk) if isinstance(text, bytes) else text)
        return answers

    def _end(self) -> None:
        self.closing = True
        self.slots.clear()
        self.in_flight = 0

    def _shown(self, slot: Slot, reply: Answer) -> bytes:
        if isinstance(reply, Framed):
            return reply.wire
        if isinstance(reply, Said):
            return _shown_text(reply.text, slot.form, bulk=reply.bulk)
        if isinstance(reply, _REFUSALS):
            self._note_refusal(reply)
            return _shown_refusal(reply, slot.form)
        binding = slot.binding
        if binding is None:
            return native_replies.render(reply, slot.form)
        text = binding.show(reply, self._terms)
        if isinstance(text, Denied):
            self._note_refusal(text)
            return _shown_refusal(text, slot.form)
        return _shown_text(text, slot.form, bulk=binding.bulk)

    def _note_refusal(self, reply: Refused | Denied) -> None:
        self._answered[OK] -= 1
        self._answered[_code(reply)] += 1


def _shown_text(text: bytes, form: int, *, bulk: bool) -> bytes:
    if form == LINE:
        return text + b"\n"
    return resp.bulk(text) if bulk else resp.simple(text)


def _shown_refusal(reply: Refused | Denied, form: int) -> bytes:
    if form == LINE:
        return b"Err: %b\n" % resp.one_line(code_of(reply).encode("utf-8", "replace"))
    return resp.error(_code(reply), reply.sentence)


def _code(reply: Refused | Denied) -> str:
    return reply.code if isinstance(reply, Denied) else reply.code.value


def _shown_push(job: Pushable, form: int) -> bytes:
    if isinstance(job, CancelAsked):
        return native_replies.pushed(job, form - NATIVE)
    if form > NATIVE:
        return native_replies.pushed(Pushed(job), form - NATIVE)
    line = jobatator_json.pushed(job)
    return line + b"\n" if form == LINE else resp.pushed(line, form)


def _nobody() -> None:
    pass
