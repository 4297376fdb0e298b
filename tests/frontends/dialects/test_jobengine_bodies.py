"""What clients of both JobEngines may send, and what jobs look like to them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import JobMore, JobState
from frontends.dialects import jobengine_jobs as jobs
from frontends.dialects import jobengine_v0 as v0
from frontends.dialects import jobengine_v1 as v1
from tests.frontends.scripted import job as view

HOSTILE = [
    b"", b"{", b"[]", b"null", b"5", b'"x"', b"NaN", b"[" * 100_000, b'{"a":' * 5000, b"\xff",
    b'{"priority":1e999}', b"\x00",
]  # fmt: skip
ODD_NUMBERS: list[bytes] = [
    b'"5"', b"null", b"true", b"[]", b"{}", b"1e999", b"NaN", b"9" * 5000, b"-1e300",
]  # fmt: skip


@pytest.mark.parametrize("read", [v0.create, v0.update, v1.new_queue, v1.create, v1.update])
@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_a_bad_request(read: Any, body: bytes) -> None:
    with pytest.raises(v0.BadRequestError):
        read(body)


@pytest.mark.parametrize("field", [b"valid_for", b"priority"])
@pytest.mark.parametrize("number", [*ODD_NUMBERS, b"0", b"0.9", b"-1", b"9223372036854775808"])
def test_numbers_of_a_new_job_are_numbers_within_bounds(field: bytes, number: bytes) -> None:
    whole = b'{"content":{},"valid_for":60,"priority":5}'
    assert v0.create(whole) == v0.Create({}, 60, 5)
    plain = {b"valid_for": b'"valid_for":60', b"priority": b'"priority":5'}[field]
    with pytest.raises(v0.BadRequestError):
        v0.create(whole.replace(plain, b'"%b":%b' % (field, number)))


def test_fractions_are_cut_and_priorities_end_at_a_hundred() -> None:
    assert v0.create(b'{"content":{},"valid_for":1.9,"priority":100.9}').priority == 100
    with pytest.raises(v0.BadRequestError):
        v0.create(b'{"content":{},"valid_for":1,"priority":101}')


@pytest.mark.parametrize("number", ODD_NUMBERS[:-1])
@pytest.mark.parametrize("field", [b"priority", b"timeout_time"])
def test_an_update_takes_numbers_only(field: bytes, number: bytes) -> None:
    with pytest.raises(v0.BadRequestError):
        v0.update(b'{"%b":%b}' % (field, number))


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b'{"status":5}', b'{"status":null}', b'{"content":"x"}', b'{"content":null}',
        b'{"priority":0}', b'{"priority":101}', b'{"priority":-1e300}', b'{"timeout_time":0}',
        b'{"timeout_time":-5}', b'{"timeout_time":253402300800}', b'{"timeout_time":1e300}',
    ],
)  # fmt: skip
def test_what_the_original_ignored_is_ignored(body: bytes) -> None:
    assert v0.update(body) == v0.Update()


def test_an_update_says_all_at_once() -> None:
    body = b'{"status":"complete","content":{"a":1},"priority":7.5,"timeout_time":9} junk'
    assert v0.update(body) == v0.Update("done", {"a": 1}, 7, 9)
    for status in (b"", b"Complete", b"done"):
        with pytest.raises(v0.BadRequestError):
            v0.update(b'{"status":"%b"}' % status)


@pytest.mark.parametrize(
    "job",
    [
        b'{"priority":9007199254740992}', b'{"priority":-9007199254740992}', b'{"priority":1.5}',
        b'{"priority":1e2}', b'{"priority":true}', b'{"keep_minutes":9223372036854775808}',
        b'{"timeout_minutes":"1"}', b'{"timeout_time":1.0}', b'{"uid":5}', b'{"state":[]}',
        b'{"content":[]}', b'{"content":"x"}', b'{"created":"now"}', b"[]", b"5", b"null",
    ],
)  # fmt: skip
def test_fields_of_another_type_are_bad_requests(job: bytes) -> None:
    with pytest.raises(v0.BadRequestError):
        v1.create(b'{"queue_name":"q","job":%b}' % job)


def test_keys_match_in_any_letter_case_and_the_last_one_wins() -> None:
    body = b'{"Queue_Name":"a","QUEUE_NAME":"q","job":null,"JOB":{"Priority":-3,"x":1,"uid":null}}'
    assert v1.create(body) == v1.Create("q", None, -3, 0, 0, 0)
    assert v1.new_queue(b'{"NAME":"q","access_\xc5\xbfkey":"n","Access_Key":"\xc3\xbc"}') == (
        v1.NewQueue("q", "ü".encode())
    )
    assert v1.update(b'{"queue_name":"q","uid":"u","new_status":"InProgress"}').state == "reserved"


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b"", b"null"),
        (b'{"b":1,"a":"<"}', b'{"a":"\\u003c","b":1}'),
        (b" \n{}", b"{}"),
        (b"{} x", b'{"payload":"{} x"}'),
        (b"[1]", b'{"payload":"[1]"}'),
        (b"null", b'{"payload":"null"}'),
        (b"text", b'{"payload":"text"}'),
        (b"\xff\x00", b'{"payload":"\\ufffd\\u0000"}'),
        (b'{"a":1e999}', b'{"payload":"{\\"a\\":1e999}"}'),
    ],
)
def test_any_payload_is_an_object(payload: bytes, shown: bytes) -> None:
    assert jobs.content(payload) == shown


@given(st.binary(max_size=300))
def test_no_payload_breaks_the_listing(payload: bytes) -> None:
    assert jobs.content(payload)[:1] in {b"{", b"n"}


def test_minutes_of_none_are_moments_and_too_many_are_the_longest_there_is() -> None:
    none = jobs.policy(0, -5)
    assert (none.keep_done, none.keep_failed, none.lease, none.max_attempts) == (1.5, 1.5, 1.0, 1)
    assert jobs.policy(2**63 - 1, 2).keep_done > 3e9
    assert jobs.policy(1, 2).lease == 120.0


def test_hidden_jobs_are_not_listed_and_what_is_sooner_comes_first() -> None:
    def made(seq: int, state: JobState, priority: int = 0, expires: float | None = None) -> Any:
        shown = view(state=state)
        shown.seq, shown.priority, shown.more = seq, priority, JobMore(expires_at=expires)
        return shown

    listed = jobs.in_order(
        [
            made(1, JobState.READY), made(2, JobState.CANCELED), made(3, JobState.EXPIRED),
            made(4, JobState.DONE, -5), made(5, JobState.READY, -5, 10.0),
            made(6, JobState.RESERVED, -5, 10.0), made(7, JobState.SCHEDULED, -6, 10.5),
        ],
        10.0,
    )  # fmt: skip
    assert [job.seq for job in listed] == [7, 4, 6, 1]


def test_places_in_a_listing_are_sorted_as_text() -> None:
    shown = jobs.v0_list([view() for _ in range(11)], None)
    assert shown.index(b'"10":') < shown.index(b'"2":')
    assert jobs.v0_list([view()], b"failed") == b""


def test_an_instant_that_is_none_is_over() -> None:
    assert jobs.expires_at(0) is None
    assert jobs.expires_at(-(2**63)) == 1.0
    assert jobs.expires_at(2**63 - 1) == float(jobs.LATEST)
