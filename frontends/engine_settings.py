"""What the settings mean for the engine and its store."""

from typing import Final

from config.settings import Settings
from engine.commands import PublishOptions
from engine.directory import EngineSettings
from engine.job import JobPolicy
from engine.queue_state import QueueLimits
from engine.retry import Backoff
from engine.store.options import Options

FREEZE_EVERY: Final = 100_000
"""Jobs: a full collection over a million objects is a pause of a third of a second."""


def default_policy(settings: Settings) -> JobPolicy:
    """How jobs are treated that say nothing else."""
    jobs = settings.jobs
    return JobPolicy(
        lease=jobs.lease,
        max_attempts=jobs.max_attempts,
        backoff=Backoff.exponential(
            jobs.backoff_min, jobs.backoff_max, jobs.backoff_factor, jobs.backoff_jitter
        ),
        keep_done=jobs.keep_done,
        keep_failed=jobs.keep_failed,
    )


def engine_settings(settings: Settings, recurring: PublishOptions) -> EngineSettings:
    """The engine's part; `recurring` is how jobs made on schedule are treated."""
    limits = settings.limits
    return EngineSettings(
        limits=QueueLimits(
            payload=limits.payload,
            result=limits.result,
            log_lines=limits.log_lines,
            log_line=limits.log_line,
            error=limits.error_message,
            trace_lines=limits.trace_lines,
            keep_done_count=settings.jobs.keep_done_count,
            quarantine=settings.queues.quarantine,
            cancel_grace=settings.cancel.grace,
            history=limits.history,
        ),
        queues=limits.queues,
        events=limits.events,
        idle=settings.queues.idle,
        stall=settings.store.stall,
        crashes=settings.queues.crashes,
        batch=limits.batch,
        resident=limits.resident,
        requests=limits.requests,
        request_window=limits.request_window,
        freeze_every=FREEZE_EVERY,
        recurring=recurring,
    )


def store_options(settings: Settings) -> Options:
    """The store's part."""
    store = settings.store
    return Options(cipher=store.cipher, reserve=store.set_aside, low_water=store.low_water)
