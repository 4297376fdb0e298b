"""What a door answers by itself, beside the engine's replies."""

from attrs import frozen

from engine.replies import Refused


@frozen
class Said:
    """A plain answer; `bulk`: JSON or several lines, which the array form sends with its length."""

    text: bytes
    bulk: bool = False


@frozen
class Framed:
    """An answer that is already in the array form: only words of that form give it."""

    wire: bytes


@frozen
class Denied:
    """The door's own refusal: a stable code and a sentence for people."""

    code: str
    sentence: str = ""


Unframed = Said | Denied | Refused
"""An answer before it gets the form of its request."""

NOT_LOGGED = Denied("not-logged", "log in first: AUTH user password")
NO_GROUP = Denied("group-non-selected", "select a group first: USE_GROUP group")
UNKNOWN_COMMAND = Denied("unknown-command", "there is no such command; HELP lists them")
WRONG_NUMBER = Denied("wrong-numbers-arguments", "the command takes another number of arguments")
INVALID_NAME = Denied("invalid-name", "a name has 1 to 200 characters and no control characters")
PAYLOAD_TOO_LARGE = Denied("payload-too-large", "the payload is larger than limits.payload")
UNKNOWN_JOB = Denied("unknown-job", "there is no such job in this group")
UNKNOWN_STATE = Denied("unknown-state", "a job can be reported in-progress, done or errored")
