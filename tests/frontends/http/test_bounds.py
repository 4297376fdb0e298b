"""What a body may be long follows from what a job may."""

import pytest
from attrs import evolve

from config.sections import Http, Limits
from config.settings import Settings
from frontends.http.bounds import bounds


@pytest.mark.parametrize(
    ("limits", "http", "body"),
    [
        (Limits(payload=1000, result=10, line=50), Http(), 2050),
        (Limits(payload=10, result=1000, line=50), Http(), 2050),
        (Limits(payload=1000, result=10, line=50), Http(body=77), 77),
        (Limits(payload=1000, result=10, line=50, in_flight=1500), Http(), 1500),
    ],
)
def test_the_longest_body(limits: Limits, http: Http, body: int) -> None:
    assert bounds(evolve(Settings(), limits=limits, http=http)).body == body


def test_a_payload_in_base64_fits() -> None:
    settings = Settings()
    assert bounds(settings).body > settings.limits.payload * 4 / 3 + settings.limits.line
