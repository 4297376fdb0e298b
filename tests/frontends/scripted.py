"""A session with a door and an engine that do what the test says, and no socket."""

from collections import deque
from collections.abc import Callable, Mapping

from config.users import Account
from engine.access import MEMBER, Caller, Peer, Principal, Right
from engine.job import DEFAULT_POLICY, PLAIN_MORE, JobState
from engine.replies import JobView, Pushed, Reply, ReplyTo
from frontends.dialects.jobatator import Terms
from frontends.lines.line_settings import LineSettings
from frontends.lines.session import Session

USERS: Mapping[str, Principal] = {
    "user1": Principal("user1", {"group1": MEMBER}),
    "user2": Principal("user2", {"group2": MEMBER, "group3": MEMBER}),
    "superuser": Principal("superuser", admin=True),
    "nogroups": Principal("nogroups"),
    "reader": Principal("reader", {"group1": Right.READ}),
}
ACCOUNTS = tuple(
    Account(name, rights=dict.fromkeys(user.groups, frozenset()), admin=user.admin)
    for name, user in USERS.items()
)
GROUPS = ["group1", "group2", "group3"]


class ScriptedEngine:
    """Remembers what it was asked; answers at once while it has replies, else when told."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = deque(replies)
        self.asked: list[object] = []
        self.callers: list[Caller] = []
        self.open: deque[ReplyTo] = deque()
        self.left: list[Peer] = []
        self.half_closed_by: list[Peer] = []

    def submit(
        self, who: Caller, command: object, reply_to: ReplyTo, request_id: str | None = None
    ) -> None:
        assert request_id is None
        self.asked.append(command)
        self.callers.append(who)
        if self.replies:
            reply_to.send(self.replies.popleft())
        else:
            self.open.append(reply_to)

    def answer(self, reply: Reply, place: int = 0) -> None:
        to = self.open[place]
        del self.open[place]
        to.send(reply)

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        self.left.append(peer)
        peer.queues.clear()

    def half_closed(self, peer: Peer) -> None:
        self.half_closed_by.append(peer)


class FakeDoor:
    """Logs in whoever has the password `<name>-secret`, at once or when told."""

    def __init__(self) -> None:
        self.dirtied: list[object] = []
        self.patient = False
        self.checks: deque[Callable[[], None]] = deque()
        self.open: list[Peer] = []
        self.names = list(GROUPS)
        self.stopped = 0

    def dirty(self, session: object) -> None:
        self.dirtied.append(session)

    def start_login(
        self,
        session: object,
        name: str,
        password: bytes,
        then: Callable[[Principal | str], None],
    ) -> None:
        assert session in self.open
        good = name in USERS and password == f"{name}-secret".encode()
        outcome = USERS[name] if good else "invalid-creds"
        self.checks.append(lambda: then(outcome))
        if not self.patient:
            self.check()

    def check(self) -> None:
        self.checks.popleft()()

    def sessions(self) -> list[Peer]:
        return self.open

    def groups(self) -> list[str]:
        return self.names

    def stop_server(self) -> None:
        self.stopped += 1


class Talker:
    """One client and its session."""

    def __init__(
        self,
        *replies: Reply,
        door: FakeDoor | None = None,
        engine: ScriptedEngine | None = None,
        settings: LineSettings | None = None,
        address: str = "127.0.0.1:4711",
        local: bool = True,
        encrypted: bool = False,
    ) -> None:
        self.engine = engine or ScriptedEngine(*replies)
        self.door = door or FakeDoor()
        self.now = 1_795_338_525.0
        self.session = Session(
            self.door,
            self.engine,
            settings or lines(),
            address,
            local=local,
            encrypted=encrypted,
            now=lambda: self.now,
        )
        self.door.open.append(self.session)

    def say(self, *chunks: bytes) -> bytes:
        """Send, run everything that may run, and hear what comes."""
        for chunk in chunks:
            self.session.receive(chunk)
            self.run()
        return self.session.output()

    def run(self) -> None:
        while not self.session.held and self.session.turn(64):
            pass

    def hear(self) -> bytes:
        return self.session.output()

    def log_in(self, name: str = "user1", group: str = "group1") -> "Talker":
        said = self.say(f"AUTH {name} {name}-secret\nUSE_GROUP {group}\n".encode())
        assert said == b"Welcome!\nOK\n"
        return self

    def push(self, job: JobView) -> None:
        self.session.send(Pushed(job))


def lines(
    *, terms: Terms | None = None, test_mode: bool = False, dispatch: bool = False,
    unanswered: int = 256, plaintext_auth: bool = False,
) -> LineSettings:  # fmt: skip
    return LineSettings(
        terms=terms or Terms(),
        test_mode=test_mode,
        dispatch=dispatch or test_mode,
        plaintext_auth=plaintext_auth,
        login_bound=(1 << 20) + (1 << 16) if test_mode else 1 << 10,
        unanswered=unanswered,
        host="127.0.0.1",
        port=8962,
        version="0.1.0",
        started_at=1_795_338_500.0,
        users=lambda: ACCOUNTS,
    )


def array(*words: bytes) -> bytes:
    """A request in array form."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def job(
    name: str = "job-1",
    *,
    payload: bytes | None = b"p",
    state: JobState = JobState.READY,
    started: bool = False,
    failures: int = 0,
    started_at: float | None = None,
    done_at: float | None = None,
    history: tuple[tuple[str, float, float, str], ...] = (),
    queue: str = "q",
    group: str = "group1",
) -> JobView:
    return JobView(
        id=name, seq=1, group=group, queue=queue, type="t", payload=payload, state=state,
        priority=0, policy=DEFAULT_POLICY, ready_at=0.0, created_at=0.0, updated_at=0.0,
        attempts=0, failures=failures, started_at=started_at, finished_at=None, done_at=done_at,
        history=history, reservation=None, holder="", started=started, lease_until=None,
        more=PLAIN_MORE,
    )  # fmt: skip


ZERO = '"0001-01-01T00:00:00Z"'
NO_QUEUE = '{"ID":"","Slug":"","Group":{"Slug":""},"RecurrentJobs":null,"Jobs":null,"Workers":null}'


def shown(
    name: str = "job-1",
    *,
    state: str = "pending",
    payload: str = "p",
    attempts: int = 0,
    started: str = ZERO,
    ended: str = ZERO,
) -> str:
    """The JSON of such a job."""
    return (
        f'{{"ID":"{name}","State":"{state}","Type":"t","Payload":"{payload}",'
        f'"Attempts":{attempts},"StartedProcessingAt":{started},"EndProcessingAt":{ended},'
        f'"Queue":{NO_QUEUE},"Group":{{"Slug":""}}}}'
    )


def pushed(name: str = "job-1") -> bytes:
    """The line that pushes such a job, without its end."""
    return f'{{"Job":{shown(name)},"Debug":"Dispatch data"}}'.encode()
