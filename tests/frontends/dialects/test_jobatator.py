"""Words bound to commands of the engine, and replies as jobatator's clients read them."""

import json

import pytest

from engine import commands
from engine.job import JobState
from engine.replies import (
    OK,
    Code,
    OneJob,
    QueueCounts,
    Queues,
    QueueView,
    RecurrenceSet,
    RecurrenceView,
    Refused,
    WorkerView,
)
from frontends.dialects import jobatator_json, jobatator_text
from frontends.dialects.answers import UNKNOWN_STATE
from frontends.dialects.jobatator import BINDINGS, Terms, code_of
from frontends.dialects.jobatator_help import BY_NAME, ENTRIES, LISTED
from tests.frontends.scripted import NO_QUEUE, ZERO, job, pushed, shown

TERMS = Terms(listing=7, options=commands.PublishOptions())


def bound(line: str, terms: Terms = TERMS) -> object:
    words = line.encode().split(b" ")
    return BINDINGS[words[0].decode()].bind(words, terms)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("PUBLISH q t p", commands.Publish("q", "t", b"p", TERMS.options)),
        ("SUBSCRIBE q", commands.Subscribe("q")),
        ("UNSUBSCRIBE q", commands.Unsubscribe("q")),
        ("LIST_QUEUES", commands.DescribeAll(7)),
        ("DELETE_QUEUE q", commands.DeleteQueue("q")),
        ("PURGE_JOBS q", commands.Purge("q")),
        ("PURGE_WORKERS q", commands.KickAll("q")),
        ("LIST_JOBS q", commands.Describe("q", 7)),
        ("UPDATE_JOB j in-progress", commands.Report("j", "in-progress")),
        ("UPDATE_JOB j done", commands.Report("j", "done")),
        ("UPDATE_JOB j errored", commands.Report("j", "errored")),
        ("UPDATE_JOB j DONE", commands.Get("j")),
        ("UPDATE_JOB j pending", commands.Get("j")),
        ("UPDATE_JOB j ", commands.Get("j")),
        ("DELETE_JOB j", commands.Delete("j")),
        ("DISPATCH", commands.RetryAllNow()),
        ("RECURRENT_JOB q t @daily", commands.SetRecurrence("q", "t", "@daily", seconds=False)),
        ("LIST_RECURRENT_JOBS q", commands.Describe("q")),
        ("DELETE_RECURRENT_JOB 007", commands.DeleteRecurrence(7)),
    ],
)
def test_a_word_becomes_its_command(line: str, command: object) -> None:
    assert bound(line) == command


def test_every_job_published_shares_one_options_object() -> None:
    one, other = bound("PUBLISH q t p"), bound("PUBLISH r u p")
    assert isinstance(one, commands.Publish)
    assert isinstance(other, commands.Publish)
    assert one.options is other.options is TERMS.options


def test_without_delays_a_recurrence_makes_one_job_and_never_fires() -> None:
    assert bound("RECURRENT_JOB q t @daily", Terms(ignore_delays=True)) == commands.SetRecurrence(
        "q", "t", "@daily", seconds=False, once_now=True
    )


def test_replies_are_shown() -> None:
    def show(word: str, reply: object, terms: Terms = TERMS) -> object:
        return BINDINGS[word].show(reply, terms)

    assert show("SUBSCRIBE", OK) == b"OK"
    assert show("UPDATE_JOB", OK) == b"OK"
    assert show("UPDATE_JOB", OneJob(job())) is UNKNOWN_STATE
    assert show("RECURRENT_JOB", RecurrenceSet(12)) == b"OK#12"
    assert code_of(Refused(Code.UNKNOWN_JOB, "x")) == "unknown-job"
    assert code_of(Refused(Code.INVALID_CRON, "empty spec")) == "invalid-cron;empty spec"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"state": JobState.SCHEDULED}, b"pending"),
        ({"state": JobState.READY}, b"pending"),
        ({"state": JobState.RESERVED}, b"pending"),
        ({"state": JobState.RESERVED, "started": True}, b"in-progress"),
        ({"state": JobState.DONE, "failures": 3}, b"done"),
        ({"state": JobState.FAILED}, b"errored"),
        ({"failures": 1, "history": (("u", 1.0, 5.0, "failed"),)}, b"errored"),
        ({"state": JobState.RESERVED, "failures": 1, "history": (("u", 1.0, 5.0, "failed"),)},
         b"errored"),
        ({"failures": 1, "started_at": 4.0, "history": (("u", 1.0, 5.0, "failed"),)}, b"errored"),
        ({"failures": 1, "started_at": 6.0,
          "history": (("u", 1.0, 5.0, "failed"), ("u", 6.0, 7.0, "disconnected"))}, b"pending"),
        ({"failures": 1, "started_at": 4.0,
          "history": (("u", 1.0, 5.0, "failed"), ("u", 6.0, 7.0, "lapsed"))}, b"errored"),
        ({"failures": 1, "history": (("u", 1.0, 5.0, "failed"), ("u", 6.0, 7.0, "done"))},
         b"pending"),
    ],
)  # fmt: skip
def test_a_job_has_the_dialects_state(facts: dict[str, object], state: bytes) -> None:
    assert jobatator_json.state(job(**facts)) == state  # type: ignore[arg-type]


def test_a_job_is_shown_with_these_keys_in_this_order() -> None:
    view = job(payload=b'{"n":1}<\xff', started=True, state=JobState.RESERVED, failures=2,
               started_at=1795338490.5, done_at=1795338491.0)  # fmt: skip
    assert jobatator_json.job(view).decode() == shown(
        state="in-progress",
        payload=r"{\"n\":1}\u003c\ufffd",
        attempts=2,
        started='"2026-11-22T09:08:10.5Z"',
        ended='"2026-11-22T09:08:11Z"',
    )
    assert jobatator_json.pushed(job()) == pushed()
    assert json.loads(jobatator_json.job(job(payload=None)))["Payload"] == ""


def queue(
    *jobs: JobState,
    workers: tuple[WorkerView, ...] | None = None,
    recurrences: tuple[RecurrenceView, ...] | None = None,
    purged: bool = False,
) -> QueueView:
    views = tuple(job(f"j{at}", state=state) for at, state in enumerate(jobs))
    return QueueView(
        number=1,
        group="group1",
        name="q",
        id="queue-1",
        counts=QueueCounts(states=(), types={}, published=0, finished=0, paused=False),
        jobs=views or (() if purged else None),
        workers=workers,
        recurrences=recurrences,
    )


def test_null_and_empty_lists_are_told_apart() -> None:
    assert jobatator_json.jobs(None) == b"null"
    assert jobatator_json.jobs(()) == b"[]"
    assert jobatator_json.queues(()) == b"null"
    shown_queue = '{"ID":"queue-1","Slug":"q","Group":{"Slug":"group1"},"RecurrentJobs":null,'
    assert jobatator_json.queue(queue()).decode() == shown_queue + '"Jobs":null,"Workers":null}'
    assert jobatator_json.queue(queue(purged=True, workers=())).decode() == (
        shown_queue + '"Jobs":[],"Workers":[]}'
    )


def test_canceled_and_expired_jobs_are_hidden() -> None:
    hidden = (JobState.CANCELED, JobState.EXPIRED)
    mixed = queue(*hidden, JobState.READY)
    assert mixed.jobs is not None
    assert jobatator_json.jobs(mixed.jobs).decode() == f"[{shown('j2')}]"
    assert jobatator_json.jobs(queue(*hidden).jobs) == b"null"
    assert b"jobs: 1\n" in jobatator_text.debug((), (), [mixed])


WORKERS = (
    WorkerView("user1", "127.0.0.1:5", ("group1",), busy=True, types=(), credit=1, holding=()),
    WorkerView("root", "127.0.0.1:6", ("*",), busy=False, types=(), credit=1, holding=()),
)
RECURRENCES = (RecurrenceView(3, "q", "rec", "0 0 1 1 *", None, False, None, None),)


def test_workers_and_recurrences_are_shown_and_no_password() -> None:
    view = queue(JobState.READY, workers=WORKERS, recurrences=RECURRENCES)
    connection = (
        '{{"Username":"{}","Password":"","Groups":["{}"],"Addr":"127.0.0.1:{}",'
        '"CurrentGroup":{{"Slug":"group1"}},"Conn":{{}},"Status":"{}"}}'
    )
    recurrence = f'{{"EntryID":3,"Queue":{NO_QUEUE},"Type":"rec","CronExpression":"0 0 1 1 *"}}'
    assert jobatator_json.queues(Queues((view,)).queues).decode() == (
        '[{"ID":"queue-1","Slug":"q","Group":{"Slug":"group1"},'
        f'"RecurrentJobs":[{recurrence}],"Jobs":[{shown("j0")}],"Workers":['
        + connection.format("user1", "group1", 5, "busy")
        + ","
        + connection.format("root", "*", 6, "available")
        + "]}]"
    )
    assert jobatator_json.account("u", None).decode() == (
        '{"Username":"u","Password":"","Groups":null,"Addr":"","CurrentGroup":{"Slug":""},'
        '"Conn":null,"Status":""}'
    )


def test_debug_is_text_that_job_data_cannot_forge() -> None:
    view = queue(JobState.READY, workers=WORKERS[:1], recurrences=RECURRENCES)
    assert view.jobs is not None
    view.jobs[0].payload = b"a\nb\x1b[2J\xff"
    text = jobatator_text.debug(["group1"], [("u", "group1", "127.0.0.1:5")], [view])
    assert text.decode().splitlines() == [
        "== GROUPS ==", "- slug: group1", "",
        "== SESSION USERS ==", "- username: u", "  currentGroup: group1", "  addr: 127.0.0.1:5", "",
        "== QUEUES ==", "- slug: q", "  id: queue-1", "  jobs: 1",
        "    - id: j0", "      type: t", "      state: pending",
        "      payload: a\\x0ab\\x1b[2J\\xff",
        "  recurrent_jobs: 1", "    - id: 3", "      type: rec", "      expression: 0 0 1 1 *",
        "  workers: 1", "    - addr: 127.0.0.1:5", "      username: user1", "      status: busy",
    ]  # fmt: skip
    assert jobatator_text.debug([], [], []).endswith(b"== QUEUES ==\nNo queues")


def test_help_lists_25_commands_and_each_is_told() -> None:
    listed = json.loads(LISTED)
    assert len(listed) == len(set(listed)) == len(ENTRIES) == 25
    assert (listed[0], listed[-1], "HELP" in listed) == ("AUTH", "LIST_SESSIONS", False)
    assert BY_NAME["DEBUG_PARTS"].json.decode() == (
        '{"Name":"DEBUG_PARTS","RequireAuth":false,"RequireGroup":false,"Args":-1,'
        '"Description":"Dump parsed command parts","Usage":"DEBUG_PARTS"}'
    )
    assert ZERO not in LISTED.decode()


def test_a_pushed_job_fits_the_buffer_of_small_clients() -> None:
    view = job("0190b6a0-0000-7000-8000-000000000000", payload=b"x" * 1500)
    assert len(jobatator_json.pushed(view)) + 1 <= 2000
