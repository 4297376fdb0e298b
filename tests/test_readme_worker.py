"""The README's worker does what the README says."""

from typing import Any

from jobyard.testing import VirtualEngine
from tests.test_readme import blocks


def test_its_worker_works() -> None:
    _, program = blocks("python")
    made: dict[str, Any] = {}
    exec(compile(program, "tasks.py", "exec"), made)
    with VirtualEngine() as engine:
        job = engine.publish("images", "resize", {"file": "cat.jpg"}).job
        engine.drain(made["worker"])
        assert engine.get(job).result == b"cat.jpg is small now"
