"""The sections of the settings. Times are seconds, sizes are bytes."""

from typing import Literal

from attrs import field, frozen

from config.bounds import (
    DAY,
    KIB,
    MIB,
    Amount,
    Count,
    Factor,
    Host,
    Minutes,
    Name,
    Period,
    Port,
    Prefix,
    Seconds,
    Share,
    Size,
    Space,
    Text,
    Thousand,
)
from config.declared import DeclaredQueue


def opened(port: int | None) -> int | None:
    """-1 is the legacy word for a listener that is not opened."""
    return None if port == -1 else port


@frozen
class Store:
    """Where jobs are kept."""

    path: Text | None = None
    """`memory`, a folder, or a database file; None: the platform's folder for user data."""
    cipher: Literal["sqlcipher", "aegis"] = "sqlcipher"
    writer: Literal["process", "thread"] = "process"
    """Where commits run."""
    stall: Period = 2.0
    """Queues take nothing while the oldest change not yet on disk is older than this."""
    set_aside: Space = 16 * MIB
    """Disk space held back, to be freed when the disk is full."""
    low_water: Space = 64 * MIB
    """Publishing is refused when less disk space than this is left."""


@frozen
class Limits:
    """Every bound that is no bound of time."""

    payload: Size = MIB
    result: Size = MIB
    log_lines: Count = 200
    log_line: Size = 4 * KIB
    error_message: Count = 10_000
    """Characters."""
    trace_lines: Count = 50
    line: Size = 64 * KIB
    """What a request may be long beyond the payload bound."""
    login_line: Size = KIB
    """The same before login."""
    bulk: Thousand = 1000
    """Jobs in one command."""
    unanswered: Count = 256
    """Commands of one connection."""
    connections: Count = 10_000
    in_flight: Size = 64 * MIB
    """Bytes accepted and not yet answered, over all connections."""
    output: Size = 256 * MIB
    """Bytes waiting for readers, over all connections; past it the slowest is closed."""
    resident: Size = 512 * MIB
    """Bytes of payloads of live jobs in memory; the others are read from disk."""
    turn: Count = 64
    """Commands of one connection before the next has its turn."""
    batch: Thousand = 1000
    """Commands a queue takes in one step."""
    queues: Count = 100_000
    """Queues of all groups together."""
    history: Count = 10
    """Reservations a job remembers."""
    requests: Count = 1_000_000
    """Remembered `request_id`s."""
    request_window: Period = 1.0 * DAY
    """How long they are remembered."""
    events: Count = 10_000
    """Events kept for those who listen, so that a stream goes on where it stopped."""


@frozen
class Lines:
    """The line protocol."""

    silence: Period = 300.0
    """A worker silent about its job for this long loses it."""
    retry: Seconds = 1800.0
    """An errored job comes again after this; `delay_policy: IGNORE`: at once."""
    max_attempts: Count | None = None
    """Failures allowed; None: any number."""
    listing_limit: Count = 10_000
    """Jobs in one listing."""
    publish_reply: Literal["id", "plain"] = "id"
    """`OK#<id>`, or a bare `OK` for clients of that age."""
    plaintext_auth: bool | None = None
    """Whether AUTH in clear is taken from another machine; None: as `insecure_plaintext`."""


@frozen
class Tls:
    """The TLS listener of the line protocol, beside the plain one."""

    host: Host | None = None
    """None: as the top-level `host`."""
    port: Port | None = field(default=None, converter=opened)
    certificate: Text | None = None
    """A PEM file with the chain."""
    key: Text | None = None
    """A PEM file with its private key."""
    handshake: Period = 10.0
    """A client that has not finished its handshake after this is closed."""


@frozen
class Reconnect:
    """A connection that went away."""

    grace: Seconds = 10.0
    """Its jobs wait this long for it, where the protocol can say who comes back."""


@frozen
class Cancel:
    """A job canceled while it runs."""

    grace: Seconds = 10.0
    """Its holder has this long to give it up."""


@frozen
class Stop:
    """The stop of the server."""

    grace: Seconds = 8.0
    """It ends within this, whatever clients do."""


@frozen
class Queues:
    """Queues."""

    idle: Period = 3600.0
    """An empty queue without use retires after this."""
    quarantine: Count = 10
    """Disconnects or lapses in a row that fail a job."""
    crashes: Count = 5
    """Crashes in a minute that a queue survives."""


@frozen
class Jobs:
    """What a job has when it does not say otherwise."""

    lease: Period = 60.0
    max_attempts: Count = 20
    backoff_min: Seconds = 1.0
    backoff_max: Seconds = 6.0 * 3600
    backoff_factor: Factor = 2.0
    backoff_jitter: Share = 0.25
    """Each pause is moved by up to this share of it, either way."""
    keep_done: Seconds = 1.0 * DAY
    """Also for canceled and expired jobs."""
    keep_done_count: Amount = 10_000
    """Done jobs kept in one queue."""
    keep_failed: Seconds = 30.0 * DAY


@frozen
class LoginLimits:
    """Wrong passwords."""

    failures: Count = 5
    """Allowed for a user from an address before it has to pause."""
    pause: Period = 1.0
    """The first pause; it doubles with each further failure."""
    pause_max: Period = 300.0
    forget: Period = 3600.0
    """Failures are forgotten after this long without a further one."""
    watched: Count = 10_000
    """Pairs of user and address remembered."""
    checks: Count = 2
    """Passwords checked at one time."""


@frozen
class JobEngine:
    """The JobEngine dialects."""

    group: Name = "default"
    host: Host | None = None
    """Where its own listeners are bound; None: as the top-level `host`."""
    v0_port: Port | None = field(default=None, converter=opened)
    """Opens a listener that speaks v0.0.1 alone; `port` of a v0 file."""
    v1_port: Port | None = field(default=None, converter=opened)
    """Opens a listener that speaks v1 alone; the variable API_PORT."""
    keep_minutes: Minutes = 60
    """How long jobs of v0 stay that are complete or failed."""
    timeout_minutes: Minutes = 60
    """A job of v0 fails when nobody updated it for this long while it was in progress."""
    queues: tuple[DeclaredQueue, ...] | None = None
    """The queues of v0; None: declared nowhere, and those that were declared stay."""
    open_queues: bool = False
    """Whether anyone may make a queue with a key of their own from another machine."""
    trust_names: bool = False
    """Whether `X-Name` is believed where the listener is not bound to loopback."""


@frozen
class Rpc:
    """The qmanager dialect."""

    host: Host | None = None
    port: Port | None = field(default=None, converter=opened)
    page_port: Port | None = field(default=None, converter=opened)
    group: Name = "default"
    queue: Name = "tasks"
    lease: Period = 600.0
    keep_taken: Seconds = 60.0
    """A result is kept this long after it was taken."""
    user: Name | None = None
    """Whose rights programs on this machine have; None: all four, in `group` only."""


@frozen
class Http:
    """The HTTP front-end."""

    host: Host | None = None
    port: Port | None = None
    """Of the main listener; None: 8952, unless only other listeners are named. -1: none."""
    origins: tuple[Text, ...] = ()
    """Web origins whose pages may call it."""
    hosts: tuple[Host, ...] = ()
    """Names it answers to, beside its own address."""
    tls_port: Port | None = field(default=None, converter=opened)
    """Opens the same listener under TLS, with the certificate of section `tls`."""
    head: Size = 16 * KIB
    """What the head of a request may be long."""
    body: Size | None = None
    """What its body may be long; None: twice the largest payload, for base64, and a line."""
    head_time: Period = 10.0
    """A head that was begun has to be whole after this."""
    body_time: Period = 60.0
    """The same of a body."""
    idle: Period = 75.0
    """A connection without a request is closed after this."""
    write: Period = 20.0
    """A reader that takes nothing of an answer for this long is closed."""
    reflect_referer: bool = False
    """The original's CORS answer, on loopback only."""
    gateway_commands: Count = 64
    """Commands in one gateway request."""
    wait: Seconds = 60.0
    """Longest wait of one request for a job."""
    session: Period = DAY / 2
    """Whoever logged in with a browser is logged out when idle for this long."""
    prefix: Prefix = ""
    """The path under which a proxy shows the console."""
