"""What both clients have httpx do, and how they take what it says."""

import ssl
from typing import Any, Final

import httpx

from jobyard import __version__
from jobyard.dialing import CONNECT_WITHIN
from jobyard.errors import ConnectionLost, JobyardError, Unreachable
from jobyard.http.address import WebAddress
from jobyard.http.asking import Request
from jobyard.http.hearing import Heard

SLACK: Final = 30.0
"""Seconds that an answer may take beyond what was asked for."""
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_IDLE: Final = 5.0
"""Seconds a connection without a request is kept: less than any server does."""


def options(address: WebAddress, context: ssl.SSLContext | None) -> dict[str, Any]:
    """What a client of httpx is made with; the environment's proxies and logins have no say."""
    headers = {"accept-encoding": "identity", "user-agent": f"jobyard/{__version__}"}
    if address.authorization:
        headers["authorization"] = address.authorization
    return {
        "base_url": address.origin,
        "headers": headers,
        "verify": (context or ssl.create_default_context()) if address.tls else False,
        "timeout": httpx.Timeout(SLACK, connect=CONNECT_WITHIN),
        "limits": httpx.Limits(max_connections=None, keepalive_expiry=_IDLE),
        "trust_env": False,
    }


def arguments(request: Request) -> dict[str, Any]:
    """A request as httpx is told it."""
    return {
        "method": request.method,
        "url": request.target,
        "headers": request.headers,
        "content": request.body or None,
        "timeout": httpx.Timeout(SLACK, connect=CONNECT_WITHIN, read=SLACK + request.wait),
    }


def heard(response: httpx.Response) -> Heard:
    """An answer that was read whole."""
    after = response.headers.get("retry-after", "")
    return Heard(response.status_code, response.content, after)


def broken(error: httpx.TransportError, address: WebAddress) -> JobyardError:
    """What it means when there is no answer."""
    kind = Unreachable if isinstance(error, _NEVER_SENT) else ConnectionLost
    return kind(f"{address}: {str(error) or type(error).__name__}")
