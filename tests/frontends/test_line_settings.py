"""What the settings mean for the line protocol."""

from msgspec.structs import replace

from config.sections import Lines
from config.settings import Settings
from config.users import Account
from engine.job import JobPolicy, OnLapse
from engine.retry import Backoff
from frontends.lines.line_settings import line_settings


def policy(settings: Settings) -> JobPolicy:
    return line_settings(settings, started_at=0.0, version="0").terms.options.policy


def test_jobs_of_this_door_have_its_own_policy() -> None:
    assert policy(Settings()) == JobPolicy(
        lease=300.0,
        on_lapse=OnLapse.RETRY,
        run_limit=None,
        max_attempts=None,
        backoff=Backoff.fixed(1800.0),
        keep_done=1.0,
        keep_failed=30 * 86_400.0,
        lapses_count=False,
    )


def test_what_a_legacy_file_says_is_obeyed() -> None:
    settings = Settings(
        delay_policy="IGNORE",
        job_timeout=120.0,
        test_mode=True,
        lines=Lines(silence=1.0, max_attempts=3, publish_reply="plain", listing_limit=5),
    )
    found = line_settings(settings, started_at=4.0, version="1", users=lambda: [Account("u")])
    assert policy(settings) == replace(
        policy(Settings()),
        lease=1.0,
        max_attempts=3,
        backoff=Backoff.fixed(0.0),
        keep_done=120.0,
    )
    assert (found.terms.ignore_delays, found.terms.plain_reply, found.terms.listing) == (
        True, True, 5,
    )  # fmt: skip
    assert found.dispatch
    assert found.login_bound == found.line_bound == (1 << 20) + (1 << 16)
    assert [user.name for user in found.users()] == ["u"]


def test_the_shipped_settings_are_strict() -> None:
    found = line_settings(Settings(), started_at=0.0, version="0")
    assert (found.test_mode, found.dispatch, found.plaintext_auth) == (False, False, False)
    assert (found.login_bound, found.line_bound) == (1024, (1 << 20) + (1 << 16))
    assert (found.terms.payload, found.unanswered, found.port) == (1 << 20, 256, 8962)
    assert not found.users()
