"""How long jobs stay that are over."""

from attrs import frozen

from engine.access import Right
from engine.commands.fields import JobId, Seconds
from engine.commands.table import Route, command


@command("KEEP_FOR", Right.WORK, Route.JOB)
@frozen
class KeepFor:
    """Have a job that is over forgotten after so many seconds, if it would stay longer."""

    job: JobId
    seconds: Seconds
