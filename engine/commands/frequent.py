"""How commands that come with every job are made: frozen to whoever reads or checks the code.

To refuse assignment while it runs as well would make each of them four times as dear to make.
"""

from typing import TYPE_CHECKING

__all__ = ["frequent"]

if TYPE_CHECKING:
    from attrs import frozen as frequent
else:
    from functools import partial

    from attrs import define

    frequent = partial(define, unsafe_hash=True)
