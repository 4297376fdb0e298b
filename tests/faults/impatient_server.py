"""The server with seconds for the minutes of its keepalive: `… -m tests.faults.impatient_server`.

What is shown with it is what the kernel and the server do; the true numbers have a test of theirs.
"""

import socket
import sys
from typing import Final

from frontends import listening
from jobyard.command import main

SOONER: Final = {
    socket.TCP_KEEPIDLE: 1,
    socket.TCP_KEEPINTVL: 1,
    socket.TCP_KEEPCNT: 2,
    socket.TCP_USER_TIMEOUT: 3_000,
}

if __name__ == "__main__":
    options = [
        (level, name, SOONER.get(name, value) if level == socket.IPPROTO_TCP else value)
        for level, name, value in listening.OPTIONS
    ]
    setattr(listening, "OPTIONS", tuple(options))  # noqa: B010 -- a constant for everybody else
    sys.exit(main())
