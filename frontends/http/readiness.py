"""Why a server cannot take work, if it cannot; for machines that ask and for people."""

from collections.abc import Iterator

from frontends.http.site import Site
from frontends.observed import Observed


def reasons(site: Site, observed: Observed) -> Iterator[tuple[str, str]]:
    """A code and a sentence for each thing that is wrong; none: it is ready."""
    seen = observed.statistics()
    if seen.stopping:
        yield "stopping", "the server stops"
    if seen.store_low:
        yield "storage-low", "less disk space is left than store.low_water"
    elif seen.refusing:
        yield "storage-full", "the disk is full; nothing can be published"
    stall = site.settings.store.stall
    if seen.stalled > stall:
        yield "stall", f"a change has waited for the disk for more than {stall:g} seconds"
    failed = len(observed.health().failed)
    if failed:
        yield "queue-failed", f"{failed} queues are closed after too many crashes"
