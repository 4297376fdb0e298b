"""Which dialects a listener answers, in the order they are asked."""

from collections.abc import Sequence

from frontends.http.exchange import Dialect, Speaks
from frontends.http.gateway import Gateway
from frontends.http.site import Site


def dialects(site: Site, speaks: Speaks) -> Sequence[Dialect]:
    """The dialects of one kind of listener; a path that none of them knows is not found."""
    if speaks is not Speaks.EVERYTHING:
        return ()
    return (Gateway(site),)
