"""The page of the line protocol lists the words and the codes there are."""

from typing import Final

from engine.replies import Code
from frontends.dialects import answers, jobatator_help
from tests.acceptance.line import Line
from tests.acceptance.served import ROOT, Server
from tests.support.pages import table

TEXT: Final = (ROOT / "frontends" / "lines" / "protocol.md").read_text(encoding="utf-8")


def test_its_commands_are_those_of_help(shared: Server) -> None:
    rows = [row for row, _ in table(TEXT, "command")]
    usages = [usage for row in rows for usage in row if usage.split()[0].isupper()]
    usages = [usage for usage in usages if usage not in {"OK#<id>", "PONG"}]
    with Line.to(shared.port) as client:
        assert sorted(usage.split()[0] for usage in usages) == sorted(client.read("HELP"))
    for usage in usages:
        name, *arguments = usage.split()
        assert jobatator_help.BY_NAME[name].args in {len(arguments), -1}, usage


def test_its_codes_are_the_server_s() -> None:
    listed = {code for row, _ in table(TEXT, "code") for code in row}
    denied = {one.code for one in vars(answers).values() if isinstance(one, answers.Denied)}
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "frontends").rglob("*.py")]
    said = "".join(sources)
    for code in listed - denied - {code.value for code in Code}:
        assert f'"{code}"' in said or f"Err: {code}" in said, code
    assert denied <= listed
