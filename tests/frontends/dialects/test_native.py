"""Native words, bound: every field of every command from bytes, and nothing that is hostile."""

import json

import pytest

from engine.commands import PLAIN, TABLE, ListJobs, Publish, PublishMany, Reserve, ReserveAny
from engine.job import DEFAULT_POLICY, JobPolicy, JobState, OnLapse
from engine.replies import Code, Refused
from engine.retry import Backoff
from frontends.dialects.native import WORDS, Bound

DEEP = b"[" * 100_000
LARGE = b"9" * 5_000


def bind(*words: bytes, policy: JobPolicy = DEFAULT_POLICY) -> Bound | Refused:
    return WORDS[words[0].decode()].bind(list(words), policy)


def command(*words: bytes, policy: JobPolicy = DEFAULT_POLICY) -> object:
    bound = bind(*words, policy=policy)
    assert isinstance(bound, Bound), bound
    return bound.command


def code(*words: bytes) -> Code:
    refused = bind(*words)
    assert isinstance(refused, Refused), refused
    return refused.code


def test_every_command_of_the_table_is_bound() -> None:
    assert {word.row.kind for word in WORDS.values()} == set(TABLE)


def test_plain_jobs_share_one_object_of_options() -> None:
    made = command(b"ENQUEUE", b"q", b"", b"\x00\xff")
    assert isinstance(made, Publish)
    assert made == Publish("q", "", b"\x00\xff")
    assert made.options is PLAIN
    own = JobPolicy(lease=5.0)
    first, second = (command(b"ENQUEUE", b"q", b"", b"", policy=own) for _ in range(2))
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert first.options is second.options
    assert first.options.policy == own


def test_every_option_of_a_job() -> None:
    made = command(
        b"ENQUEUE", b"q", b"t", b"p",
        b"priority", b"-9007199254740991", b"DELAY", b"1.5", b"READY_AT", b"1e9",
        b"TIME_TO_LIVE", b"10", b"CONTENT_TYPE", b"text/plain", b"UNIQUE_KEY", b"k",
        b"UNIQUE_SCOPE", b"queued", b"LEASE", b"5", b"ON_LAPSE", b"fail", b"RUN_LIMIT", b"60",
        b"MAX_ATTEMPTS", b"none", b"BACKOFF", b'{"delays":[1,5.5]}',
        b"KEEP_DONE", b"0", b"KEEP_FAILED", b"7",
    )  # fmt: skip
    assert isinstance(made, Publish)
    options = made.options
    assert (options.priority, options.delay, options.ready_at) == (1 - 2**53, 1.5, 1e9)
    assert (options.time_to_live, options.content_type) == (10.0, "text/plain")
    assert (options.unique_key, options.unique_scope) == ("k", "queued")
    assert options.policy == JobPolicy(
        lease=5.0, on_lapse=OnLapse.FAIL, run_limit=60.0, max_attempts=None,
        backoff=Backoff.listed([1, 5.5]), keep_done=0.0, keep_failed=7.0,
    )  # fmt: skip


def test_jobs_treated_alike_share_one_policy() -> None:
    words = (b"ENQUEUE", b"q", b"t", b"p", b"LEASE", b"5", b"MAX_ATTEMPTS", b"3")
    first, second = command(*words), command(*words)
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert first.options.policy is second.options.policy


@pytest.mark.parametrize(
    ("shape", "backoff"),
    [
        (b'{"fixed": 30}', Backoff.fixed(30)),
        (b'{"fixed": 0, "jitter": 0.5}', Backoff.fixed(0, jitter=0.5)),
        (b'{"min":1,"max":3600,"factor":2,"jitter":0.25}', Backoff.exponential(1, 3600, 2, 0.25)),
        (b'{"max":60}', Backoff.exponential(maximum=60)),
        (b'{"delays":[1,5,30]}', Backoff.listed([1, 5, 30])),
        (b"{}", Backoff()),
    ],
)
def test_each_kind_of_backoff(shape: bytes, backoff: Backoff) -> None:
    made = command(b"ENQUEUE", b"q", b"t", b"p", b"BACKOFF", shape)
    assert isinstance(made, Publish)
    assert made.options.policy.backoff == backoff


@pytest.mark.parametrize(
    "shape",
    [
        b'{"fixed":1,"delays":[1]}', b'{"fixed":1,"min":1}', b'{"fixed":-1}', b'{"fixed":1e9}',
        b'{"fixed":1e999}', b'{"fixed":NaN}', b'{"delays":[]}', b'{"min":2,"max":1}',
        b'{"factor":0.5}', b'{"jitter":2}', b'{"other":1}', b'{"fixed":"1"}', b"[]", b"", DEEP,
        b'{"delays":' + DEEP, b'{"fixed":' + LARGE + b"}", b'{"delays":[1e308,2]}', b"\xff",
    ],
)  # fmt: skip
def test_a_bad_backoff_is_refused(shape: bytes) -> None:
    assert code(b"ENQUEUE", b"q", b"t", b"p", b"BACKOFF", shape) is Code.INVALID_VALUE


def test_lists_are_json() -> None:
    taken = command(b"RESERVE", b"q", b"TYPES", b'["a","b"]', b"LIMIT", b"10", b"WAIT", b"0.5")
    assert taken == Reserve("q", ("a", "b"), 10, 0.5)
    assert command(b"RESERVE_ANY", b'["a","b"]') == ReserveAny(("a", "b"))
    listed = command(b"LIST", b"q", b"STATES", b'["ready","done","ready"]', b"TYPE", b"")
    assert listed == ListJobs("q", (JobState.READY, JobState.DONE), "")


def test_a_bulk_is_json() -> None:
    jobs = [
        {"type": "t", "payload": "\u00e9", "priority": 3, "max_attempts": None},
        {"payload_base64": "AP8=", "unique_scope": 5, "backoff": {"fixed": 3}},
        {},
    ]
    made = command(b"ENQUEUE_MANY", b"q", json.dumps(jobs).encode())
    assert isinstance(made, PublishMany)
    first, second, third = made.jobs
    assert (first.payload, first.options.priority) == ("\u00e9".encode(), 3)
    assert first.options.policy.max_attempts is None
    assert (second.payload, second.options.unique_scope) == (b"\x00\xff", 5.0)
    assert second.options.policy.backoff == Backoff.fixed(3)
    assert (third.type, third.payload, third.options) == ("", b"", PLAIN)


@pytest.mark.parametrize(
    "job",
    [
        b'{"priority":"1"}', b'{"priority":1.5}', b'{"priority":9007199254740992}',
        b'{"priority":%b}' % LARGE, b'{"delay":-1}', b'{"delay":1e999}', b'{"delay":NaN}',
        b'{"delay":Infinity}', b'{"nope":1}', b'{"payload":"\\ud800"}', b'{"payload":"\xff"}',
        b'{"payload":1}', b'{"payload_base64":"A"}', b'{"payload_base64":"AP8=\\n"}',
        b'{"payload":"p","payload_base64":"AP8="}', b'{"unique_scope":"x"}', b"[]", b"1", DEEP,
        b'{"type":' + DEEP, b'{"max_attempts":0}', b'{"max_attempts":"many"}',
    ],
)  # fmt: skip
def test_one_bad_job_refuses_the_bulk(job: bytes) -> None:
    assert code(b"ENQUEUE_MANY", b"q", b'[{"type":"t"},' + job + b"]") is Code.INVALID_VALUE


def test_a_bulk_has_1_to_1_000_jobs() -> None:
    assert command(b"ENQUEUE_MANY", b"q", b"[%b]" % b",".join([b"{}"] * 1_000))
    for jobs in ([], [b"{}"] * 1_001):
        assert code(b"ENQUEUE_MANY", b"q", b"[%b]" % b",".join(jobs)) is Code.INVALID_VALUE


HOSTILE = [
    b"", b" 1", b"1 ", b"1\n", b"+1", b"1_000", "\u0663".encode(), "\u00b2".encode(), b"0x1",
    LARGE, b"NaN", b"nan", b"inf", b"-inf", b"1e999", b"1e", b".5", b"5.", b"1\x00", b"\xff",
    b"--1", b"true",
]  # fmt: skip


@pytest.mark.parametrize("raw", [*HOSTILE, b"1.0", b"9007199254740992", b"9223372036854775808"])
def test_what_is_no_whole_number_in_bounds(raw: bytes) -> None:
    assert code(b"EDIT", b"j", b"PRIORITY", raw) is Code.INVALID_VALUE
    assert code(b"RESERVE", b"q", b"LIMIT", raw) is Code.INVALID_VALUE
    assert code(b"ENQUEUE", b"q", b"t", b"p", b"MAX_ATTEMPTS", raw) is Code.INVALID_VALUE
    assert code(b"DELETE_RECURRENCE", raw) is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", [*HOSTILE, b"-0.1", b"1e11", b"-1"])
def test_what_is_no_number_of_seconds(raw: bytes) -> None:
    for option in (b"DELAY", b"TIME_TO_LIVE", b"LEASE", b"UNIQUE_SCOPE", b"KEEP_DONE"):
        assert code(b"ENQUEUE", b"q", b"t", b"p", option, raw) is Code.INVALID_VALUE


def test_instants_end_with_the_year_9999() -> None:
    for raw in (b"1e12", b"-1", b"1e300"):
        assert code(b"ENQUEUE", b"q", b"t", b"p", b"READY_AT", raw) is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", [b"", b"True", b"1", b"yes", b"true\n", b"\xff"])
def test_what_is_neither_true_nor_false(raw: bytes) -> None:
    assert code(b"FAIL", b"j", b"RETRY", raw) is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", [b"", b"a\nb", b"\x00", b"\xff", b"\xed\xa0\x80", b"x" * 201])
def test_what_is_no_name(raw: bytes) -> None:
    assert code(b"RESERVE", raw) in {Code.INVALID_NAME, Code.INVALID_VALUE}
    assert code(b"RESERVE_ANY", b'["q","%b"]' % raw) in {Code.INVALID_NAME, Code.INVALID_VALUE}


def test_an_escape_makes_no_name_either() -> None:
    assert code(b"RESERVE_ANY", b'["q","\\u0000"]') is Code.INVALID_NAME
    assert code(b"ENQUEUE_MANY", b"q", b'[{"type":"\\u0000"}]') is Code.INVALID_NAME


@pytest.mark.parametrize(
    "raw", [b"", b"ready", b'["\\ud800"]', b'["other"]', b"[1]", b'"ready"', DEEP, b"null", b"\xff"]
)
def test_what_is_no_list_of_states(raw: bytes) -> None:
    assert code(b"LIST", b"q", b"STATES", raw) is Code.INVALID_VALUE


def test_words_of_a_closed_set() -> None:
    assert code(b"REPORT", b"j", b"lost") is Code.INVALID_VALUE
    assert code(b"OVERRIDE", b"j", b"READY") is Code.INVALID_VALUE
    recurrence = (b"SET_RECURRENCE", b"q", b"t", b"@hourly")
    assert code(*recurrence, b"MISSED", b"never") is Code.INVALID_VALUE
    assert command(*recurrence, b"MISSED", b"once", b"OVERLAP", b"skip", b"PAYLOAD", b"\xff")


def test_pairs_come_once_and_whole() -> None:
    for pairs in ([b"NOPE", b"1"], [b"WAIT"], [b"WAIT", b"1", b"wait", b"1"], [b"\xff\xfe", b"1"]):
        refused = bind(b"RESERVE", b"q", *pairs)
        assert isinstance(refused, Refused)
        assert refused.code is Code.INVALID_VALUE
        assert refused.sentence.startswith(("NOPE: ", "WAIT: ", "wait: ", "\ufffd\ufffd: "))


def test_a_request_has_an_id_if_it_says_so() -> None:
    bound = bind(b"PURGE", b"q", b"REQUEST_ID", b"r")
    assert isinstance(bound, Bound)
    assert bound.request_id == "r"
    assert code(b"PURGE", b"q", b"REQUEST_ID", b"r" * 201) is Code.INVALID_VALUE


def test_answers_over_all_queues_are_remembered_by_none() -> None:
    for words in ([b"DESCRIBE_ALL"], [b"RESERVE_ANY", b'["q"]']):
        assert isinstance(bind(*words), Bound)
        refused = bind(*words, b"REQUEST_ID", b"r")
        assert refused == Refused(Code.INVALID_VALUE, "REQUEST_ID: there is no such option")
