"""Answers to requests that carry an id: asked again, they are given again and nothing is done."""

from collections import OrderedDict

from engine.replies import Reply


class Requests:
    """Answers of one queue by principal and request id, for a window, up to a count."""

    def __init__(self, limit: int, window: float) -> None:
        """Keep at most `limit` answers, each for `window` seconds."""
        self._limit = limit
        self._window = window
        self._answers: OrderedDict[str, tuple[float, Reply]] = OrderedDict()

    def find(self, key: str, now: float) -> Reply | None:
        """The answer given before, if it is still remembered."""
        found = self._answers.get(key)
        return found[1] if found is not None and found[0] + self._window > now else None

    def add(self, key: str, now: float, answer: Reply) -> None:
        """Remember an answer."""
        self._answers[key] = (now, answer)
        self._answers.move_to_end(key)

    def outdated(self, now: float) -> list[str]:
        """Forget what is too old or too much; their keys."""
        gone: list[str] = []
        for key, (at, _) in self._answers.items():
            if len(self._answers) - len(gone) <= self._limit and at + self._window > now:
                break
            gone.append(key)
            if len(gone) == 100:
                break
        for key in gone:
            del self._answers[key]
        return gone
