"""Which dialects a listener answers, in the order they are asked."""

from collections.abc import Sequence

from frontends.http.events import Events
from frontends.http.exchange import Dialect, Speaks
from frontends.http.gateway import Gateway
from frontends.http.health import Health
from frontends.http.jobengine.v0 import JobEngineV0
from frontends.http.jobengine.v1 import JobEngineV1
from frontends.http.metrics import Metrics
from frontends.http.native.api import Native
from frontends.http.native.documents import Documents
from frontends.http.rpc import Rpc
from frontends.http.site import Site


def dialects(site: Site, speaks: Speaks) -> Sequence[Dialect]:
    """The dialects of one kind of listener; a path that none of them knows is not found."""
    if speaks is Speaks.V0:
        return (JobEngineV0(site),)
    if speaks is Speaks.V1:
        return (JobEngineV1(site),)
    seen = site.observed
    watching = () if seen is None else (Health(site, seen), Metrics(site, seen), Events(site, seen))
    return (
        *watching,
        Gateway(site),
        Native(site),
        Documents(site),
        Rpc(site),
        JobEngineV0(site),
        JobEngineV1(site),
    )
