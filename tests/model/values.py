"""The few values that the model plays with, chosen so that they collide often."""

from typing import Final

from engine.access import Principal, Right, caller
from engine.job import JobPolicy, OnLapse
from engine.retry import Backoff

KINDS: Final = ("a", "b", "")
TYPES: Final[tuple[tuple[str, ...], ...]] = ((), ("a",), ("a", "b"), ("",), ("b", "b"))
DELAYS: Final = (0.0, 0.0, 0.5, 1.0, 2.5)
LIFE: Final = (None, None, 0.5, 1.0, 3.0)
KEYS: Final = ("", "", "", "k", "l")
SCOPES: Final[tuple[float | str, ...]] = ("unfinished", "queued", 2.0)
TIMES: Final = (0.001, 0.25, 0.5, 1.0, 2.0, 4.0, 11.0, 70.0)
POLICIES: Final = (
    JobPolicy(),
    JobPolicy(
        lease=2.0, max_attempts=2, backoff=Backoff.fixed(1.0), keep_done=3.0, keep_failed=2.0
    ),
    JobPolicy(
        lease=1.5, on_lapse=OnLapse.FAIL, run_limit=3.0, max_attempts=3,
        backoff=Backoff.exponential(1.0, 3.0), keep_done=1.0, keep_failed=4.0,
    ),
    JobPolicy(
        lease=1.0, max_attempts=None, backoff=Backoff.fixed(0.0), keep_done=0.0, lapses_count=False
    ),
    JobPolicy(lease=3.0, run_limit=1.0, max_attempts=4, backoff=Backoff.listed([1.0, 0.0, 2.0])),
)  # fmt: skip
GRACES: Final = ((0.0, True), (0.0, False), (2.0, False), (2.0, False))
MEMBERS: Final = {"g": Right.PUBLISH | Right.WORK | Right.READ | Right.MANAGE}
ADA, BOB = Principal("ada", MEMBERS), Principal("bob", MEMBERS)
CAL = Principal("cal", {"g": Right.PUBLISH | Right.WORK | Right.READ})
CALLS: Final = (caller(ADA, "g"), caller(BOB, "g"), caller(CAL, "g"))
