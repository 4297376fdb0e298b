"""All settings as one frozen value. `config/examples/jobyard.yml` documents each key."""

import ipaddress
from typing import Final

from attrs import field, frozen

from config.bounds import DelayPolicy, Host, LogLevel, Passphrase, Port, Seconds, Text
from config.sections import (
    Cancel,
    Http,
    JobEngine,
    Jobs,
    Limits,
    Lines,
    LoginLimits,
    Queues,
    Reconnect,
    Rpc,
    Stop,
    Store,
    Tls,
    opened,
)
from config.users import Group, User

DEFAULT_GROUP: Final = "default"
HTTP_PORT: Final = 8952


@frozen
class Settings:
    """What the server is told. The first keys are those of a jobatator `config.yml`."""

    host: Host = "127.0.0.1"
    port: Port | None = field(default=8962, converter=opened)
    """Of the line protocol in clear; None: not opened."""
    web_port: Port | None = None
    """jobatator's name for `http.port`."""
    test_mode: bool = False
    """Opens DEBUG, DEBUG_JSON, DEBUG_PARTS, STOP_SERVER and DISPATCH to everybody."""
    delay_policy: DelayPolicy = ""
    """`IGNORE`: retries come at once and recurrences never fire (made for tests)."""
    allow_dispatch: bool = False
    log_level: LogLevel = "info"
    job_timeout: Seconds = 0.0
    """Seconds a done job of the line protocol stays, at least one."""
    groups: tuple[Group, ...] = ()
    users: tuple[User, ...] = ()

    insecure_plaintext: bool = False
    """Lets listeners without TLS be bound where other machines reach them."""
    secret: Passphrase | None = field(default=None, repr=False)
    """Wraps the store's key."""
    secret_file: Text | None = None
    """A file that holds the secret."""

    store: Store = field(factory=Store)
    limits: Limits = field(factory=Limits)
    lines: Lines = field(factory=Lines)
    tls: Tls = field(factory=Tls)
    reconnect: Reconnect = field(factory=Reconnect)
    cancel: Cancel = field(factory=Cancel)
    stop: Stop = field(factory=Stop)
    queues: Queues = field(factory=Queues)
    jobs: Jobs = field(factory=Jobs)
    login: LoginLimits = field(factory=LoginLimits)
    http: Http = field(factory=Http)
    jobengine: JobEngine = field(factory=JobEngine)
    rpc: Rpc = field(factory=Rpc)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The groups there are: those configured, or `default` when none is."""
        return tuple(dict.fromkeys(group.slug for group in self.groups)) or (DEFAULT_GROUP,)

    @property
    def http_port(self) -> int | None:
        """The port of the main HTTP listener, by either of its names; None: it is not opened."""
        if self.names_http:
            return opened(self.web_port if self.http.port is None else self.http.port)
        jobengine, rpc = self.jobengine, self.rpc
        others = {self.port, self.tls.port, rpc.port, rpc.page_port}
        others |= {jobengine.v0_port, jobengine.v1_port}
        return None if HTTP_PORT in others else HTTP_PORT

    @property
    def names_http(self) -> bool:
        """Whether anybody said a word about the port of the main HTTP listener."""
        return self.web_port is not None or self.http.port is not None

    @property
    def plaintext_auth(self) -> bool:
        """Whether AUTH in clear is taken from another machine."""
        said = self.lines.plaintext_auth
        return self.insecure_plaintext if said is None else said


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a listener bound there. Unknown names are not looked up."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
