"""A server as HTTP dialects see it: the real engine in virtual time, real logins, no sockets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs
import trio

from config.settings import Settings
from config.users import accounts
from engine.testing import memory_engine
from frontends.engine_settings import engine_settings
from frontends.http.site import Site
from frontends.lines.line_settings import line_settings
from frontends.login import KEY_BYTES, Login
from frontends.observed import observe


@asynccontextmanager
async def memory_site(settings: Settings) -> AsyncGenerator[Site]:
    """A server of these settings that keeps nothing; only plain passwords let anybody in."""
    facts = line_settings(settings, started_at=0.0, version="0")
    parts = attrs.asdict(engine_settings(settings, facts.terms.options), recurse=False)
    login = Login(
        accounts(settings.users),
        settings.login,
        key=bytes(KEY_BYTES),
        clock=trio.current_time,
        verify=_wrong,
    )
    async with memory_engine(**parts) as engine:
        yield Site(
            engine=engine,
            login=login,
            settings=settings,
            groups=lambda: settings.group_names,
            now=engine.clock.now,
            version="0",
            started_at=engine.clock.now(),
            observed=observe(engine),
        )


async def _wrong(password_hash: str, password: str) -> bool:
    del password_hash, password
    await trio.lowlevel.checkpoint()
    return False
