"""Trying mutants inside one session of pytest: what is collected once is forked for each of them.

The session itself runs no test and changes no code: a child does, so nothing leaks from one
mutant into the next, not even what a cache remembers.
"""

import gc
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType

import msgspec
import pytest

from tests.mutation.covering import Reach, reach_of
from tests.mutation.forking import Say, in_child
from tests.mutation.mutants import Mutant
from tests.mutation.planting import functions_within, plant

LONGEST_MEASURE = 1200.0
"""Seconds that all tests together may take under the tracer."""


class _Stopper:
    """Ends the child at the first test that fails."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.say(report.nodeid)
            os._exit(0)


def _run(items: Sequence[pytest.Item]) -> None:
    for item, after in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


class Trials:
    """A plugin of pytest whose loop tries mutants instead of running tests."""

    def __init__(self, package: Path, plan: Callable[["Trials"], None], budget: float) -> None:
        """Change functions of `package`; `plan` does, and says which.

        Args:
            package: The folder.
            plan: Called when it is known which test runs what.
            budget: Seconds of tests for one mutant, as measured under the tracer, which makes
                them slower.
        """
        self.package = package
        self.plan = plan
        self.budget = budget
        self.items: dict[str, pytest.Item] = {}
        self.reach = Reach({}, [], {})
        self.functions: list[FunctionType] = []
        self.killers: Counter[str] = Counter()
        """How many mutants each test has noticed: the best ones are asked first."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Before the tests are read: a failure is enough, its smallest form takes long to find."""
        from hypothesis import Phase, settings  # pytest rewrites it first

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", settings(), phases=phases)
        settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of the tests."""
        if session.testsfailed:
            raise session.Interrupted("some tests cannot be read")
        self.items = {item.nodeid: item for item in session.items}
        measured = in_child(
            lambda say: say(msgspec.json.encode(reach_of(session.items, self.package)).decode()),
            LONGEST_MEASURE,
        )
        self.reach = msgspec.json.decode(measured, type=Reach)
        self.functions = functions_within(self.package)
        gc.collect()
        gc.freeze()  # what a child never looks at, it need not copy
        self.plan(self)
        return True

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that meet the changed statement, as many as there is time for."""
        met = self.reach.tests_of(mutant.path, range(mutant.first, mutant.last + 1))
        chosen, left = list[str](), self.budget
        for test in met:
            left -= self.reach.seconds[test]
            if chosen and left < 0:
                break
            chosen.append(test)
        return sorted(chosen, key=lambda test: -self.killers[test])

    def notices(self, mutant: Mutant, tests: Sequence[str]) -> str | None:
        """Which test notices it, or how the child ended; nothing: it survives; None: no Python."""
        code = mutant.code()
        if code is None or not tests:
            return None if code is None else ""

        def work(say: Say) -> None:
            if not plant(code, mutant.function, self.functions):
                return
            items = [self.items[test] for test in tests]
            items[0].config.pluginmanager.register(_Stopper(say))
            _run(items)

        noticed = in_child(work, 2 + sum(self.reach.seconds[test] for test in tests))
        self.killers[noticed] += 1
        return noticed
