"""Which settings may stand together.

Each rule names the settings it looks at; a rule whose settings have mistakes of their own is not
asked, so nobody is told about what follows from a mistake.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from config.mistakes import Mistake, shown
from config.settings import Settings, is_loopback
from config.users import EVERY_GROUP

SAMPLE_PASSWORDS: Final = frozenset({"your_password", "pass1", "pass2", "change_me"})
"""Passwords that stand in public example files: the originals' and ours."""

_LISTENERS: Final = ("host", "port", "web_port", "rpc", "http", "tls", "jobengine")

Problems = Iterator[tuple[str, str]]
"""Path and what is wrong there."""


@frozen
class _Rule:
    keys: frozenset[str]
    check: Callable[[Settings], Problems]


_RULES: list[_Rule] = []


def _rule(*keys: str) -> Callable[[Callable[[Settings], Problems]], Callable[[Settings], Problems]]:
    def add(check: Callable[[Settings], Problems]) -> Callable[[Settings], Problems]:
        _RULES.append(_Rule(frozenset(keys), check))
        return check

    return add


def broken(
    settings: Settings, origins: Mapping[str, str], wrong: Iterable[str] = ()
) -> list[Mistake]:
    """Every rule that does not hold.

    Args:
        settings: the settings, with defaults in place of what is wrong.
        origins: path -> where it was said.
        wrong: paths that have mistakes already.
    """
    touched = {path.split("[")[0] for path in wrong} | {path.split(".")[0] for path in wrong}
    return [
        Mistake(path, problem, origins.get(path.split("[")[0], ""))
        for rule in _RULES
        if not rule.keys & touched
        for path, problem in rule.check(settings)
    ]


def exposed(settings: Settings) -> dict[str, str]:
    """Setting -> host of each listener in clear that other machines reach."""
    rpc, http, jobengine = settings.rpc, settings.http, settings.jobengine
    listeners = (
        ("host", None, settings.port),
        ("rpc.host", rpc.host, rpc.port),
        ("rpc.host", rpc.host, rpc.page_port),
        ("http.host", http.host, settings.http_port),
        ("jobengine.host", jobengine.host, jobengine.v0_port),
        ("jobengine.host", jobengine.host, jobengine.v1_port),
    )
    hosts = {
        path if own else "host": own or settings.host
        for path, own, port in listeners
        if port is not None
    }
    return {path: host for path, host in hosts.items() if not is_loopback(host)}


def reachable(settings: Settings) -> dict[str, str]:
    """Setting -> host of each listener that other machines reach, TLS or not."""
    tls, http = settings.tls, settings.http
    listeners = (
        ("tls.host", tls.host or settings.host, tls.port),
        ("http.host", http.host or settings.host, http.tls_port),
    )
    secure = {
        path: host for path, host, port in listeners if port is not None and not is_loopback(host)
    }
    return exposed(settings) | secure


@_rule(*_LISTENERS, "insecure_plaintext")
def _clear_text(settings: Settings) -> Problems:
    """The bind rule of SEMANTICS "Defaults"; a generated administrator counts as a user."""
    if settings.insecure_plaintext or settings.tls.port is not None:
        return
    for path, host in exposed(settings).items():
        problem = (
            f"other machines reach {host}, and passwords and jobs would cross the network in"
            " clear; either of two lines makes it start: `insecure_plaintext: true` (allow that)"
            " or `host: 127.0.0.1` (this machine only). A TLS listener (`tls.port`,"
            " `tls.certificate`, `tls.key`) does as well"
        )
        yield path, problem


@_rule(*_LISTENERS, "users")
def _sample_passwords(settings: Settings) -> Problems:
    if not (hosts := reachable(settings)):
        return
    for index, user in enumerate(settings.users):
        if user.password in SAMPLE_PASSWORDS:
            problem = (
                "is a password from a public example, and other machines reach"
                f" {next(iter(hosts.values()))}; write one of your own, or `host: 127.0.0.1`"
            )
            yield f"users[{index}].password", problem


@_rule(*_LISTENERS, "test_mode")
def _test_mode(settings: Settings) -> Problems:
    if settings.test_mode and (hosts := reachable(settings)):
        problem = (
            "opens the server to everybody, and other machines reach"
            f" {next(iter(hosts.values()))}; write `test_mode: false` or `host: 127.0.0.1`"
        )
        yield "test_mode", problem


@_rule("users")
def _one_user_a_name(settings: Settings) -> Problems:
    counts = Counter(user.username for user in settings.users)
    seen: set[str] = set()
    for index, user in enumerate(settings.users):
        if counts[user.username] > 1 and user.username in seen:
            yield f"users[{index}].username", f"{shown(user.username)} stands here twice"
        seen.add(user.username)


@_rule("groups")
def _groups_have_plain_names(settings: Settings) -> Problems:
    for index, group in enumerate(settings.groups):
        if group.slug == EVERY_GROUP:
            yield f"groups[{index}].slug", "`*` means every group and cannot name one"


@_rule("tls", "http")
def _tls_is_whole(settings: Settings) -> Problems:
    files = {"tls.certificate": settings.tls.certificate, "tls.key": settings.tls.key}
    ports = {"tls.port": settings.tls.port, "http.tls_port": settings.http.tls_port}
    opened = [path for path, port in ports.items() if port is not None]
    for path, file in files.items():
        if opened and file is None:
            yield path, f"is missing, `{opened[0]}` needs it"
        if file is not None and not opened:
            yield "tls.port", f"is missing, `{path}` alone opens nothing"
            return
        if file is not None and not Path(file).is_file():
            yield path, f"{shown(file)} is no file"


@_rule("secret", "secret_file")
def _one_secret(settings: Settings) -> Problems:
    if settings.secret is not None and settings.secret_file is not None:
        yield "secret_file", "stands beside `secret`; keep one of them"
    elif settings.secret_file is not None and not Path(settings.secret_file).is_file():
        yield "secret_file", f"{shown(settings.secret_file)} is no file"


@_rule("web_port", "http")
def _one_http_port(settings: Settings) -> Problems:
    ports = {settings.web_port, settings.http.port} - {None}
    if len(ports) > 1:
        yield "http.port", f"is not `web_port: {settings.web_port}`, and both name one listener"


@_rule("port", "tls", "rpc", "http", "web_port", "jobengine")
def _one_listener_a_port(settings: Settings) -> Problems:
    ports = {
        "port": settings.port,
        "tls.port": settings.tls.port,
        "http.port": settings.http_port,
        "http.tls_port": settings.http.tls_port,
        "rpc.port": settings.rpc.port,
        "jobengine.v0_port": settings.jobengine.v0_port,
        "jobengine.v1_port": settings.jobengine.v1_port,
    }
    taken: dict[int, str] = {}
    for path, port in ports.items():
        if port in taken:
            yield path, f"{port} is taken by `{taken[port]}`"
        elif port:
            taken[port] = path


@_rule("jobs")
def _backoff_rises(settings: Settings) -> Problems:
    if settings.jobs.backoff_min > settings.jobs.backoff_max:
        yield "jobs.backoff_min", f"is more than `jobs.backoff_max: {settings.jobs.backoff_max}`"


@_rule("limits")
def _one_request_fits(settings: Settings) -> Problems:
    limits = settings.limits
    for name in ("in_flight", "output"):
        if getattr(limits, name) < limits.payload + limits.line:
            yield f"limits.{name}", "is less than `limits.payload` and `limits.line` together"


@_rule("jobengine")
def _one_queue_a_name(settings: Settings) -> Problems:
    counts = Counter(queue.name for queue in settings.jobengine.queues or ())
    for name in (name for name, count in counts.items() if count > 1):
        yield "jobengine.queues", f"declares {shown(name)} twice"
