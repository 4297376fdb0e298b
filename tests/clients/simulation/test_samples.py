"""What a simulation publishes: the same jobs for a seed, of every kind."""

from itertools import islice

from argon2 import PasswordHasher

from jobyard.examples import LONGEST, OPERATIONS
from jobyard.simulation.samples import samples


def test_a_seed_is_a_run() -> None:
    first, again, other = (list(islice(samples(seed), 50)) for seed in ("1 tcp", "1 tcp", "1 rpc"))
    assert first == again != other


def test_every_operation_is_asked_for_and_some_of_it_fails() -> None:
    done, failed = set[str](), 0
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for sample in islice(samples("1"), 300):
        assert len(sample.payload.encode()) <= LONGEST
        operation = quick.hash if sample.type == "encoder" else OPERATIONS[sample.type]
        try:
            operation(sample.payload)
        except ValueError:
            failed += 1
        else:
            done.add(sample.type)
    assert done == set(OPERATIONS)
    assert 20 < failed < 80
