"""Queues declared as at the start of a server."""

from engine.directory import Directory
from frontends.http.jobengine.declared import take_over
from frontends.http.site import Site


async def declare(site: Site) -> None:
    """Have the queues that the settings of this site declare."""
    assert isinstance(site.engine, Directory)
    await take_over(site.engine, site.settings.jobengine)
