"""What a function is for, so that samples of stacks can be added up by purpose.

A sample belongs to its innermost frame that a rule knows; a frame of a library without a rule of
its own counts for whoever called it.
"""

from collections import Counter
from typing import Final

from tests.benchmarks.sampling import Samples, Stack

EPOLL: Final = "kernel: epoll"
RECEIVE: Final = "kernel: recv, and the call"
SEND: Final = "kernel: send, and the call"
TRIO: Final = "trio: tasks, channels, cancel scopes"
ROUND: Final = "rounds of the sockets: whose turn, alarms, flush"
PARSE: Final = "lines cut, words bound to commands"
ANSWERS: Final = "answers in their order, as bytes"
DESK: Final = "desk: rights, routing, mailboxes"
MAKING: Final = "values made: commands, replies, steps"
QUEUE: Final = "queue arithmetic"
ROWS: Final = "rows of jobs and their encoding"
SHELL: Final = "actor and committer"
STORE: Final = "store: hand-over to the writer or to memory"
REST: Final = "the rest"

PARTS: Final = (
    RECEIVE, SEND, EPOLL, TRIO, ROUND, PARSE, ANSWERS, DESK, MAKING, QUEUE, ROWS, SHELL, STORE, REST
)  # fmt: skip

_FUNCTIONS: Final = {
    "PlainConnection.ready": RECEIVE,
    "PlainConnection.send": SEND,
    "EpollIOManager.get_events": EPOLL,
    "EpollSelector.select": EPOLL,
    "ChildLink._push": STORE,
    "ChildLink._step": STORE,
}
_FILES: Final = (
    ("/site-packages/trio/", TRIO),
    ("/site-packages/outcome/", TRIO),
    ("<attrs generated methods", MAKING),
    ("/frontends/tcp/", ROUND),
    ("/frontends/lines/outbox", ANSWERS),
    ("/frontends/dialects/jobatator_json", ANSWERS),
    ("/frontends/dialects/go_json", ANSWERS),
    ("/frontends/dialects/native_replies", ANSWERS),
    ("/frontends/dialects/resp", ANSWERS),
    ("/frontends/answered", ANSWERS),
    ("/frontends/lines/", PARSE),
    ("/frontends/dialects/", PARSE),
    ("/engine/queue_state/rows", ROWS),
    ("/engine/queue_state/keeping", ROWS),
    ("/engine/queue_state/step", MAKING),
    ("/engine/queue_state/", QUEUE),
    ("/engine/job.py", QUEUE),
    ("/engine/figures", QUEUE),
    ("/engine/source", QUEUE),
    ("/engine/directory/", DESK),
    ("/engine/access", DESK),
    ("/engine/mailbox", DESK),
    ("/engine/commands/", MAKING),
    ("/engine/queue_actor", SHELL),
    ("/engine/committer", SHELL),
    ("/engine/hydration", SHELL),
    ("/engine/holders", SHELL),
    ("/engine/supervisor", SHELL),
    ("/engine/clock", SHELL),
    ("/engine/store/", STORE),
)


def part_of(stack: Stack) -> str:
    """The purpose of one sample."""
    for file, function in stack:
        found = _FUNCTIONS.get(function)
        if found is not None:
            return found
        for piece, part in _FILES:
            if piece in file:
                return part
    return REST


def by_part(samples: Samples) -> dict[str, float]:
    """Each part's share of all samples, the parts without one included."""
    total = samples.total() or 1
    found: Counter[str] = Counter()
    for stack, count in samples.items():
        found[part_of(stack)] += count
    return {part: found[part] / total for part in PARTS}


def by_function(samples: Samples, most: int) -> list[tuple[str, float]]:
    """The functions that the samples ended in most often, with their shares."""
    total = samples.total() or 1
    found: Counter[str] = Counter()
    for stack, count in samples.items():
        file, function = stack[0]
        found[f"{function} ({_short(file)})"] += count
    return [(name, count / total) for name, count in found.most_common(most)]


def _short(file: str) -> str:
    """The file within its package."""
    return "/".join(file.split("/")[-2:])
