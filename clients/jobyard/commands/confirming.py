"""Asking before what cannot be taken back."""

import sys
from typing import Annotated, Final

from cyclopts import Parameter

from jobyard.commands.showing import say

Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative="")]
_YES: Final = frozenset({"y", "yes"})
_LONGEST: Final = 100


def confirmed(what: str, *, yes: bool) -> bool:
    """Whether to go on: on a terminal somebody is asked, a script meant what it said.

    Args:
        what: is about to be done.
        yes: it was said beforehand.
    """
    if yes or not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{what} for good? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline(_LONGEST).strip().lower() in _YES:
        return True
    say("jobyard: nothing was done", sys.stderr)
    return False
