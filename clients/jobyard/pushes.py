"""What a server says unasked, as values."""

from attrs import frozen

from jobyard import job as values
from jobyard.errors import ProtocolError
from jobyard.job import Job
from jobyard.resp import Push


@frozen
class Canceled:
    """The server asks to stop working on a held job."""

    job: str
    reservation: str


def pushed(push: Push) -> Job | Canceled:
    """What the server said unasked.

    Raises:
        ProtocolError: no server of this protocol says that.
    """
    match push.items:
        case [b"job", dict() as fields]:
            job: Job = values.read(fields, Job)
            return job
        case [b"cancel", {"job": bytes() as job_id, "reservation": bytes() as reservation}]:
            return Canceled(job_id.decode(), reservation.decode())
        case _:
            raise ProtocolError("the server pushes what this client does not know")
