"""What can go wrong, as classes to catch: one for each family of refusal codes.

Every refusal has `.code`, stable, and `.sentence`, for people.
"""

from typing import Final


class JobyardError(Exception):
    """Anything this package raises."""


class BadArgument(JobyardError, ValueError):
    """It was not even sent: an argument cannot be said on the wire."""


class NotOverHttp(BadArgument):
    """HTTP has no way to say it; a client of the line protocol has."""


class Unreachable(JobyardError):
    """No connection could be made, or none came back in time."""


class ConnectionLost(JobyardError):
    """The connection went before the answer came: whether it was done is unknown."""


class ProtocolError(JobyardError):
    """The other side says what no Jobyard server says."""


class Refusal(JobyardError):
    """The server said no, and changed nothing."""

    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(code, sentence)
        self.code = code
        """Stable, for programs: `unknown-job`."""
        self.sentence = sentence
        """For people."""

    def __str__(self) -> str:
        """Both."""
        return f"{self.code}: {self.sentence}" if self.sentence else self.code


class NotFound(Refusal):
    """No such queue, job, group, worker or recurrence."""


class ReservationLost(Refusal):
    """The job is not held under that reservation any more."""


class WrongState(Refusal):
    """The state of the job does not allow this."""


class InvalidValue(Refusal):
    """A name, number or payload is out of its bounds, or the command is unknown."""


class Forbidden(Refusal):
    """The user may not do this here."""


class LoginRefused(Forbidden):
    """Wrong user or password, or no login at all."""


class Unavailable(Refusal):
    """Not now: the server is full, draining or stopping. Later it may do it."""


class ServerFault(Refusal):
    """An error inside the server, which logged it; nothing was changed."""


FAMILIES: Final[dict[str, type[Refusal]]] = {
    "unknown-queue": NotFound,
    "unknown-job": NotFound,
    "unknown-group": NotFound,
    "unknown-user": NotFound,
    "unknown-token": NotFound,
    "unknown-worker": NotFound,
    "unknown-recurrent-job": NotFound,
    "reservation-lost": ReservationLost,
    "wrong-state": WrongState,
    "already-exists": WrongState,
    "in-settings": WrongState,
    "group-in-use": WrongState,
    "unknown-state": InvalidValue,
    "invalid-name": InvalidValue,
    "invalid-cron": InvalidValue,
    "invalid-value": InvalidValue,
    "payload-too-large": InvalidValue,
    "too-many-jobs": InvalidValue,
    "line-too-long": InvalidValue,
    "syntax-error": InvalidValue,
    "unknown-command": InvalidValue,
    "wrong-numbers-arguments": InvalidValue,
    "invalid-request": InvalidValue,
    "head-too-large": InvalidValue,
    "forbidden": Forbidden,
    "forbidden-group": Forbidden,
    "group-non-selected": Forbidden,
    "invalid-creds": LoginRefused,
    "not-logged": LoginRefused,
    "plaintext-refused": LoginRefused,
    "cross-site": Forbidden,
    "unknown-host": Forbidden,
    "try-later": Unavailable,
    "too-slow": Unavailable,
    "draining": Unavailable,
    "stopping": Unavailable,
    "storage-full": Unavailable,
    "too-many-queues": Unavailable,
    "too-many-accounts": Unavailable,
    "backup-failed": Unavailable,
    "queue-failed": Unavailable,
    "internal": ServerFault,
}
"""Which class a code belongs to; a code that is not here is a plain Refusal."""


def refusal(text: str) -> Refusal:
    """The error that an answer `ERR <code> <sentence>` means."""
    code, _, sentence = text.removeprefix("ERR ").partition(" ")
    return FAMILIES.get(code, Refusal)(code, sentence)
