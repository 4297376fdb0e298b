"""Which tests run which lines, from one run of them all, and how long each takes."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pytest
from coverage import Coverage


class Reach(msgspec.Struct):
    """What the tests came to."""

    seconds: dict[str, float]
    """What each test took of the processor, under the tracer."""
    failed: list[str]
    lines: dict[str, dict[int, list[str]]]
    """Path -> line -> the tests that run it."""

    def tests_of(self, path: Path, lines: Iterable[int]) -> list[str]:
        """The tests that run any of these lines, quick ones first."""
        known = self.lines.get(str(path), {})
        wanted = {test for line in lines for test in known.get(line, ())}
        return sorted(wanted, key=lambda test: (self.seconds[test], test))


class _Failures:
    def __init__(self) -> None:
        self.found: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.found.append(report.nodeid)


def reach_of(items: Sequence[pytest.Item], package: Path) -> Reach:
    """Run every test once with a tracer on the package."""
    coverage = Coverage(data_file=None, source=[str(package)], config_file=False)
    failures, seconds = _Failures(), dict[str, float]()
    plugins = items[0].config.pluginmanager
    plugins.register(failures)
    coverage.start()
    for item, after in zip(items, [*items[1:], None], strict=True):
        coverage.switch_context(item.nodeid)
        began = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        seconds[item.nodeid] = time.process_time() - began
    coverage.stop()
    plugins.unregister(failures)
    found = coverage.get_data()
    lines = {path: found.contexts_by_lineno(path) for path in found.measured_files()}
    return Reach(seconds, failures.found, lines)
