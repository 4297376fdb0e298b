"""The plugin as its users have it: a test file of theirs, run by pytest."""

import textwrap
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent.parent
NAME = "jobyard.pytest_plugin"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is installed here, their pytest has this plugin, once."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'clients'}")


def run(pytester: pytest.Pytester, program: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(textwrap.dedent(program))
    return pytester.runpytest_subprocess("-p", NAME, "-W", "error", *arguments)


def test_pytest_finds_it_by_its_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"jobyard": NAME}
    assert import_module(NAME).jobyard_engine


def test_a_plain_test(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        from jobyard.worker import Worker

        worker = Worker("jobyard://127.0.0.1/shop", queue="images")

        @worker.task("resize")
        def resize(job):
            return {"width": job.json()["width"] // 2}

        def sell(client):
            client.publish("images", "resize", {"width": 8}, delay=3 * 3600)

        def test_selling(jobyard_engine):
            sell(jobyard_engine)
            jobyard_engine.assert_published("resize", queue="images")
            assert jobyard_engine.drain(worker) == []
            jobyard_engine.advance(hours=3)
            (job,) = jobyard_engine.drain(worker)
            assert job.result == b'{"width":4}'

        def test_nothing_is_left_of_it(jobyard_engine):
            jobyard_engine.assert_not_published("resize")
        """,
    )
    done.assert_outcomes(passed=2)


def test_a_trio_test(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        async def test_selling(jobyard_client, jobyard_engine):
            await jobyard_client.publish("images", "resize", delay=60)
            jobyard_engine.advance(minutes=1)
            (job,) = await jobyard_client.reserve("images")
            await jobyard_client.done(job)
            assert jobyard_engine.get(job).state == "done"
        """,
        "-p", "pytest_trio.plugin", "-o", "trio_mode=true",
    )  # fmt: skip
    done.assert_outcomes(passed=1)


def test_an_asyncio_test(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        import asyncio

        def test_selling(jobyard_client, jobyard_engine):
            async def sell():
                waiting = asyncio.create_task(jobyard_client.reserve("images", wait=60))
                await jobyard_client.publish("images", "resize")
                return await waiting
            (job,) = asyncio.run(sell())
            assert job.type == "resize"
        """,
    )
    done.assert_outcomes(passed=1)


def test_a_script(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        import pytest
        from engine.replies import Code, Refused
        from jobyard import Unavailable

        def test_a_full_disk(jobyard_script):
            jobyard_script.script(Refused(Code.STORAGE_FULL))
            with pytest.raises(Unavailable):
                jobyard_script.publish("images", "resize")
        """,
    )
    done.assert_outcomes(passed=1)


def test_a_test_that_fails_says_what_was_published(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        def test_selling(jobyard_engine):
            jobyard_engine.publish("mail", "welcome", "ada")
            jobyard_engine.assert_published("resize")
        """,
    )
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*expected at least one of 'resize', found 0; published were:*"])
    done.stdout.fnmatch_lines(["*'welcome' in 'mail' with b'ada'*"])


def test_whoever_does_not_ask_for_it_loads_no_engine(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        import sys

        def test_nothing():
            assert not {"trio", "apsw", "anyio"} & set(sys.modules)
        """,
    )
    done.assert_outcomes(passed=1)
