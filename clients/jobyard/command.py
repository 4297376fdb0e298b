"""The `jobyard` command.

Exit codes: 0 fine, 1 refused or failed, 2 the settings or the command line are wrong, 3 no server
was reached, 4 a wait was over before the job. What a command does not need is not imported for it.
"""

import errno
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TextIO

from attrs import frozen
from cyclopts import App, CycloptsError, Parameter

from jobyard import __version__

if TYPE_CHECKING:
    from config.loading import Loaded, Sources

OK: Final = 0
FAILED: Final = 1
WRONG: Final = 2
_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a full or broken output answers."""

app = App(
    name="jobyard",
    help="A job engine: one process, an encrypted store, several protocols.",
    version=f"jobyard {__version__}",
    help_format="plaintext",
)
config_app = App(name="config", help="Look at the settings.", help_format="plaintext")
app.command(config_app)
_LATER: Final = {
    "publish": ("jobs:publish", "Add a job to a queue and print its id."),
    "get": ("jobs:get", "Show one job with all it carries."),
    "list": ("jobs:list_jobs", "Show jobs of a queue in order of publishing."),
    "wait": ("jobs:wait", "Wait for the end of a job and show it."),
    "cancel": ("jobs:cancel", "Cancel a job."),
    "reset": ("jobs:reset", "Bring a job that is over back to ready."),
    "delete": ("jobs:delete", "Remove a job."),
    "edit": ("jobs:edit", "Change a job that waits."),
    "move": ("queues:move", "Put a job into another queue."),
    "explain": ("jobs:explain", "Say why a job does not run, or a queue hands out nothing."),
    "counts": ("queues:counts", "Show how many jobs of each state and type a queue has."),
    "pause": ("queues:pause", "Hand out no more jobs of a queue."),
    "resume": ("queues:resume", "Hand out jobs of a queue again."),
    "queue": ("queues:app", "Look after queues."),
    "recur": ("recurring:app", "Look after what is made on schedule."),
    "top": ("watching:top", "Watch the queues of the group."),
    "tail": ("watching:tail", "Show jobs of a queue as they are published."),
    "shell": ("shell:shell", "Say many commands over one connection."),
    "work": ("work:work", "Run a worker."),
    "task": ("tasks:app", "Add tasks and read what came of them."),
    "simulate": ("simulating:simulate", "Publish random jobs and account for each."),
    "soak": ("soaking:soak", "Play the whole server under faults, and judge it."),
    "user": ("administering:user_app", "Look after who may log in."),
    "group": ("administering:group_app", "Look after groups."),
    "token": ("administering:token_app", "Look after tokens."),
    "audit": ("administering:audit", "Show who changed accounts or took queues away."),
    "import": ("importing:import_", "Take over jobs of an original JobEngine, or of an export."),
    "export": ("exporting:export", "Write the jobs of the group to a file."),
    "backup": ("store_commands:backup", "Copy the store, also while its server runs."),
    "rekey": ("store_commands:rekey", "Change the secret of the store, or its key."),
}
"""Commands that are loaded when they are said: where they are, and what the list says of them."""
for _name, (_where, _about) in _LATER.items():
    app.command(f"jobyard.commands.{_where}", name=_name, help=_about)

Named = Annotated[tuple[Path, ...], Parameter(name="--config", negative="")]
Listed = Annotated[tuple[Path, ...], Parameter(negative="")]


@frozen
class Flags:
    """What the command line may say about the settings; they are judged there."""

    store: Annotated[
        str | None, Parameter(help="Where jobs are kept: memory, a folder, or a database file.")
    ] = None
    host: Annotated[str | None, Parameter(help="The address to bind.")] = None
    port: Annotated[
        str | None,
        Parameter(help="The port of the line protocol; -1: none.", allow_leading_hyphen=True),
    ] = None
    http_port: Annotated[
        str | None,
        Parameter(help="The port of HTTP; -1: none.", allow_leading_hyphen=True),
    ] = None
    rpc: Annotated[
        str | None, Parameter(help="HOST:PORT of RPC, which is not served unless one is named.")
    ] = None
    log_level: Annotated[
        str | None, Parameter(help="trace, debug, info, warn, error, fatal or panic.")
    ] = None
    insecure_plaintext: Annotated[
        bool | None, Parameter(help="Allow clear text from other machines.", negative="")
    ] = None

    def by_path(self) -> dict[str, str | bool | None]:
        """Setting -> what was said; None says nothing."""
        rpc_host, colon, rpc_port = (self.rpc or "").rpartition(":")
        return {
            "store.path": self.store,
            "host": self.host,
            "port": self.port,
            "http.port": self.http_port,
            "rpc.host": rpc_host.strip("[]") if colon else None,
            "rpc.port": rpc_port or None,
            "log_level": self.log_level,
            "insecure_plaintext": self.insecure_plaintext,
        }


NO_FLAGS: Final = Flags()


@app.command
def serve(*, config: Named = (), flags: Annotated[Flags, Parameter(name="*")] = NO_FLAGS) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP reads users and certificates again.

    Args:
        config: A settings file; may be given more than once, later files win.
        flags: What the command line says about the settings.
    """
    found = _load(config, flags.by_path(), sys.stderr)
    if found is None:
        return WRONG
    sources, loaded = found
    if sys.platform == "win32":
        _warn(["Windows is no target of this server"])
    from frontends.serve import run  # noqa: PLC0415 - loads trio, the engine and every front-end

    return run(loaded, sources.load)


@config_app.command
def check(files: Listed = (), /) -> int:
    """Say everything that is wrong with the settings; exit 0 when nothing is, else 2.

    Args:
        files: Settings files, as `serve --config` takes them.
    """
    if _load(files, {}, sys.stdout) is None:
        return WRONG
    _say("The settings are fine.")
    return OK


@config_app.command
def show(files: Listed = (), /) -> int:
    """Print the settings in force as YAML: secrets hidden, and where each was said.

    Args:
        files: Settings files, as `serve --config` takes them.
    """
    found = _load(files, {}, sys.stderr)
    if found is None:
        return WRONG
    from config import show as page  # noqa: PLC0415 - only this command prints settings

    _, loaded = found
    _say(page.show(loaded.settings, loaded.origins).removesuffix("\n"))
    return OK


@app.command
def completion(shell: Literal["bash", "zsh", "fish"], /) -> int:
    """Print what completes `jobyard` in a shell: `source <(jobyard completion bash)`.

    Args:
        shell: which.
    """
    _say(app.generate_completion(prog_name="jobyard", shell=shell))
    return OK


@app.command
def version() -> int:
    """Print the version."""
    _say(f"jobyard {__version__}")
    return OK


def _load(
    files: Sequence[Path], flags: "Mapping[str, str | bool | None]", out: TextIO
) -> "tuple[Sources, Loaded] | None":
    """Read settings; what is wrong goes to `out`, and the answer is None then."""
    from config import loading, mistakes  # noqa: PLC0415 - the version needs no settings

    # The URL is for those who speak to a server, not for the server.
    environ = {name: said for name, said in os.environ.items() if name != "JOBYARD_URL"}
    sources = loading.Sources(tuple(files), environ, flags)
    try:
        loaded = sources.load()
    except mistakes.SettingsError as error:
        _say(str(error), out)
        return None
    _warn(loaded.warnings)
    return sources, loaded


def _say(text: str, out: TextIO | None = None) -> None:
    (out or sys.stdout).write(f"{text}\n")


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        _say(f"warning: {warning}", sys.stderr)


def _say_no_more() -> None:
    """Have what was not written yet go nowhere, at exit too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and answer its exit code; a person's mistake is no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return WRONG
    except BrokenPipeError:
        _say_no_more()  # the reader had enough
        return FAILED
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _say_no_more()
        _say(f"jobyard: the output cannot be written: {error.strerror}", sys.stderr)
        return FAILED
    return code if isinstance(code, int) else OK
