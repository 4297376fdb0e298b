"""The README's soak, made short, does what the README says."""

from pathlib import Path

from tests.acceptance.served import run
from tests.test_readme import lines_of


def test_its_soak_is_played_and_keeps_every_promise(tmp_path: Path) -> None:
    (words,) = lines_of("soak")
    short = {"0..299": "0..1", "60": "2"}
    assert short.keys() <= set(words)
    done = run(*(short.get(word, word) for word in words), home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "lost            0 " in done.stdout
    assert done.stdout.endswith("No promise was broken.\n")
