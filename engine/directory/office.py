"""The office: one task that keeps the accounts and the audit log.

Rule 1: one change at a time; the next is looked at when the one before is on disk.
Rule 2: a change is answered when it and its audit entry are on disk. An audited command that others
carry out is answered by them, at once; its entry follows.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Final

import structlog
import trio
from attrs import field, frozen

from engine import commands as c
from engine.access import Caller
from engine.account_rows import entry_of, entry_row, row_of, stored_of
from engine.accounts import CHANGES, Accounts, Change, Drawn
from engine.audit_log import AuditLog
from engine.clock import Clock
from engine.committer import Committer
from engine.directory.settings import CopyStore, EngineSettings
from engine.mailbox import Envelope, Mailbox, Nobody
from engine.passwords import draw_token
from engine.queue_state import Step
from engine.replies import Code, Refused, Reply, ReplyTo
from engine.source import Source
from engine.store.errors import StoreError
from engine.store.tables import Key, Row, Table

log = structlog.get_logger(__name__)

KEY_BYTES: Final = 32
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
FINGERPRINT: Final = "fingerprint"
"""The key of META under which the store keeps its own random key."""

ADMINISTERING: Final = (
    c.ListUsers, c.ListGroups, c.ListTokens, c.Audit, c.Backup, *CHANGES
)  # fmt: skip
"""The commands that it carries out."""


@frozen
class _Carried:
    """An audited command that was carried out, but for its entry."""

    command: object
    reply: Reply = field(repr=False)


class _Witness:
    """The reply address of an audited command that others carry out: the office hears too."""

    def __init__(self, office: "Office", command: object, who: Caller, to: ReplyTo) -> None:
        self._office = office
        self._command = command
        self._who = who
        self._to = to

    def send(self, reply: Reply) -> None:
        """Pass the answer on."""
        self._to.send(reply)
        self._office.post(_Carried(self._command, reply), self._who, Nobody())


class Office:
    """Accounts and audit log, with their own mailbox and their own rows."""

    def __init__(
        self,
        committer: Committer,
        clock: Clock,
        source: Source,
        settings: EngineSettings,
        has_queues: Callable[[str], bool],
    ) -> None:
        """Nothing runs before `run`."""
        self.accounts = Accounts(has_queues)
        self.on_change: Callable[[], object] = _nothing
        """Called after a change of accounts is on disk."""
        self._audit = AuditLog()
        self._committer = committer
        self._clock = clock
        self._source = source
        self._hash_password = settings.hash_password
        self._copy_store = settings.copy_store
        self._key = b""
        self._mailbox = Mailbox()
        self._working = False
        self._copying = False
        self._changes = False
        self._kept = trio.Event()
        self._idle = trio.Event()

    # -- before it runs ------------------------------------------------------------------------

    def load_key(self, key: bytes) -> None:
        """The store's own key, as it was kept."""
        self._key = key

    def load(self, rows: Iterable[Row]) -> None:
        """Accounts, as they were kept."""
        for row in rows:
            self.accounts.keep(stored_of(row))

    def loaded(self, audit: Iterable[Row]) -> Row | None:
        """That was all, with the audit log; the row to keep of a store that has no key yet."""
        self._audit.load(map(entry_of, audit))
        if self._key:
            return None
        self._key = self._source.secret(KEY_BYTES)
        return FINGERPRINT, self._key

    def fingerprint(self, text: str) -> bytes:
        """What is kept of a secret: it may be compared, never shown."""
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), sha256)

    # -- being spoken to -----------------------------------------------------------------------

    def post(self, command: object, who: Caller, to: ReplyTo) -> None:
        """Have a command carried out; `to` gets one answer."""
        self._idle = trio.Event() if self._idle.is_set() else self._idle
        self._working = True
        self._mailbox.post(Envelope(command, who, to))

    def witness(self, command: object, who: Caller, to: ReplyTo) -> ReplyTo:
        """An address for the answer of an audited command that others carry out."""
        return _Witness(self, command, who, to)

    async def finish(self) -> None:
        """Return when everything posted is done, but for a copy under way."""
        if self._working:
            await self._idle.wait()

    # -- working -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Do what is posted, for ever."""
        async with trio.open_nursery() as copies:
            while True:
                await self._mailbox.wait()
                for envelope in self._mailbox.take():
                    assert isinstance(envelope, Envelope)
                    try:
                        await self._do(envelope, copies)
                    except Exception:
                        log.exception("office-failed", command=type(envelope.command).__name__)
                        envelope.to.send(Refused(Code.INTERNAL))
                if self._mailbox.is_empty:
                    self._working = False
                    self._idle.set()

    async def _do(self, envelope: Envelope, copies: trio.Nursery) -> None:
        command = envelope.command
        match command:
            case c.ListUsers():
                self._committer.answer(envelope.to, self.accounts.list_users())
            case c.ListGroups():
                self._committer.answer(envelope.to, self.accounts.list_groups())
            case c.ListTokens():
                self._committer.answer(envelope.to, self.accounts.list_tokens())
            case c.Audit():
                self._committer.answer(envelope.to, self._audit.page(command))
            case c.Backup():
                self._start_copy(command, envelope, copies)
            case _Carried(carried, reply):
                await self._keep(carried, envelope, reply, {})
            case _:
                assert isinstance(command, CHANGES)
                await self._change(command, envelope)

    async def _change(self, command: Change, envelope: Envelope) -> None:
        accounts, now = self.accounts, self._clock.now()
        reply = accounts.decide(command, Drawn(), now).reply
        rows: dict[Key, Row | None] = {}
        if not isinstance(reply, Refused):
            # While it is hashed the settings may be read again, so it is decided anew.
            decision = accounts.decide(command, await self._drawn(command), now)
            rows |= {
                key: None if stored is None else row_of(stored)
                for key, stored in decision.rows.items()
            }
            accounts.apply(decision)
            reply = decision.reply
        await self._keep(command, envelope, reply, rows)

    async def _drawn(self, command: Change) -> Drawn:
        if isinstance(command, c.AddToken):
            taken = {token.id for token in self.accounts.tokens.values()}
            token = draw_token(self._source.secret)
            while token.split("_", 2)[1] in taken:
                token = draw_token(self._source.secret)
            return Drawn(token=token, fingerprint=self.fingerprint(token))
        if isinstance(command, c.AddUser | c.ChangeUser) and command.password is not None:
            return Drawn(await self._hash_password(command.password))
        return Drawn()

    async def _keep(
        self, command: object, envelope: Envelope, reply: Reply, rows: dict[Key, Row | None]
    ) -> None:
        """Commit rows with the entry about it, then answer."""
        entry = self._audit.add(command, envelope.who, reply, self._clock.now())
        entries: dict[Key, Row | None] = {entry.number: entry_row(entry)}
        entries |= dict.fromkeys(self._audit.trim())
        changes: dict[Table, dict[Key, Row | None]] = {Table.AUDIT: entries}
        if rows:
            changes[Table.ACCOUNTS] = rows
        self._kept = trio.Event()
        self._changes = bool(rows)
        self._committer.hand_over(self, Step(0, changes, [(envelope.to, reply)]))
        self._committer.flush_at_leisure()
        await self._kept.wait()

    def committed(self, step: Step) -> None:
        """The step is on disk, and its letters are sent."""
        del step
        if self._changes:
            self.on_change()
        self._kept.set()

    # -- copies --------------------------------------------------------------------------------

    def _start_copy(self, command: c.Backup, envelope: Envelope, copies: trio.Nursery) -> None:
        answer = partial(self._copied, command, envelope)
        if not _FILE_NAME.fullmatch(command.name):
            answer(Refused(Code.INVALID_NAME, "a copy is named in letters, digits, . _ and -"))
        elif self._copy_store is None:
            answer(Refused(Code.BACKUP_FAILED, "the store is in memory: there are no files of it"))
        elif self._copying:
            answer(Refused(Code.BACKUP_FAILED, "another copy is being made: wait for its end"))
        else:
            self._copying = True
            copies.start_soon(self._copy, self._copy_store, command.name, answer)

    async def _copy(
        self, copy_store: CopyStore, name: str, answer: Callable[[Reply], None]
    ) -> None:
        try:
            answer(await copy_store(name))
        except StoreError as error:
            answer(Refused(Code.BACKUP_FAILED, f"{error.code}: {error}"))
        finally:
            self._copying = False

    def _copied(self, command: c.Backup, envelope: Envelope, reply: Reply) -> None:
        self.post(_Carried(command, reply), envelope.who, envelope.to)


def _nothing() -> None:
    pass
