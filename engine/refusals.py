"""Refusals: stable codes, and for each a sentence a person can act on."""

from enum import StrEnum
from typing import Final

from attrs import frozen


class Code(StrEnum):
    """Stable codes of refusals; the same on every door."""

    UNKNOWN_QUEUE = "unknown-queue"
    UNKNOWN_JOB = "unknown-job"
    UNKNOWN_RECURRENCE = "unknown-recurrent-job"
    UNKNOWN_WORKER = "unknown-worker"
    UNKNOWN_STATE = "unknown-state"
    UNKNOWN_USER = "unknown-user"
    UNKNOWN_GROUP = "unknown-group"
    UNKNOWN_TOKEN = "unknown-token"  # noqa: S105 - a code, no secret
    ALREADY_EXISTS = "already-exists"
    IN_SETTINGS = "in-settings"
    GROUP_IN_USE = "group-in-use"
    TOO_MANY_ACCOUNTS = "too-many-accounts"
    BACKUP_FAILED = "backup-failed"
    RESERVATION_LOST = "reservation-lost"
    WRONG_STATE = "wrong-state"
    INVALID_NAME = "invalid-name"
    INVALID_CRON = "invalid-cron"
    INVALID_VALUE = "invalid-value"
    PAYLOAD_TOO_LARGE = "payload-too-large"
    TOO_MANY_JOBS = "too-many-jobs"
    TOO_MANY_QUEUES = "too-many-queues"
    STORAGE_FULL = "storage-full"
    QUEUE_FAILED = "queue-failed"
    FORBIDDEN = "forbidden"
    DRAINING = "draining"
    STOPPING = "stopping"
    INTERNAL = "internal"


SENTENCES: Final[dict[Code, str]] = {
    Code.UNKNOWN_QUEUE: "there is no such queue in this group",
    Code.UNKNOWN_JOB: "there is no such job in this group",
    Code.UNKNOWN_RECURRENCE: "there is no such recurrence in this group",
    Code.UNKNOWN_WORKER: "no worker of this queue has that address",
    Code.UNKNOWN_STATE: "a job can be reported in-progress, done or errored",
    Code.UNKNOWN_USER: "there is no such user",
    Code.UNKNOWN_GROUP: "there is no such group",
    Code.UNKNOWN_TOKEN: "there is no such token",
    Code.ALREADY_EXISTS: "there is one of that name",
    Code.IN_SETTINGS: "it stands in the settings file: change it there and send SIGHUP",
    Code.GROUP_IN_USE: "the group has queues, or somebody has rights in it",
    Code.TOO_MANY_ACCOUNTS: "there are as many as there may be: drop some first",
    Code.BACKUP_FAILED: "the store could not be copied",
    Code.RESERVATION_LOST: "this job is not held under that reservation any more",
    Code.WRONG_STATE: "the job's state does not allow this",
    Code.INVALID_NAME: "a name has 1 to 200 characters and no control characters",
    Code.INVALID_CRON: "the schedule cannot be read",
    Code.INVALID_VALUE: "a value is out of its bounds",
    Code.PAYLOAD_TOO_LARGE: "the payload is larger than limits.payload",
    Code.TOO_MANY_JOBS: "the listing is longer than allowed; ask for pages",
    Code.TOO_MANY_QUEUES: "there are as many queues as limits.queues allows",
    Code.STORAGE_FULL: "the disk is nearly full: publishing is refused until there is space",
    Code.QUEUE_FAILED: "this queue crashed too often and was closed; see the log",
    Code.FORBIDDEN: "you do not have the right to do this here",
    Code.DRAINING: "this queue takes no new jobs until it is resumed",
    Code.STOPPING: "the server is stopping",
    Code.INTERNAL: "an error inside the server; it was logged, and nothing was changed",
}


@frozen
class Refused:
    """No, and why. `detail` says it for people; empty: the code's own sentence."""

    code: Code
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What a person can act on."""
        return self.detail or SENTENCES[self.code]
