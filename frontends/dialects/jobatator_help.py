"""The commands that HELP of the line protocol lists: these, in this order, with these texts."""

from typing import Final

from attrs import frozen

from frontends.dialects import go_json


@frozen
class Entry:
    """One command as HELP tells it; the texts are those that clients have always been shown."""

    name: str
    args: int
    """How many arguments it takes; -1: any number."""
    description: str
    usage: str = ""
    auth: bool = True
    group: bool = True

    @property
    def json(self) -> bytes:
        """What `HELP <name>` answers."""
        usage = f"{self.name} {self.usage}" if self.usage else self.name
        return b'{"Name":%b,"RequireAuth":%b,"RequireGroup":%b,"Args":%d,%b%b,"Usage":%b}' % (
            go_json.name(self.name),
            b"true" if self.auth else b"false",
            b"true" if self.group else b"false",
            self.args,
            b'"Description":',
            go_json.name(self.description),
            go_json.name(usage),
        )


ENTRIES: Final = (
    Entry(
        "AUTH",
        2,
        "Authenticate with a username and a password",
        "{username} {password}",
        auth=False,
        group=False,
    ),
    Entry("USE_GROUP", 1, "Declare which group the client want to use", "{group}", group=False),
    Entry(
        "PUBLISH",
        3,
        "Create a job in a queue and return the ID of the created job",
        "{queue_slug} {job_type} {job_payload}",
    ),
    Entry("SUBSCRIBE", 1, "Subscribe to a queue to receive jobs", "{queue_slug}"),
    Entry("UNSUBSCRIBE", 1, "The exact oposite of the SUBSCRIBE command", "{queue_slug}"),
    Entry("LIST_QUEUES", 0, "List all queues in the current group"),
    Entry("DELETE_QUEUE", 1, "Delete a queue", "{queue_slug}"),
    Entry("PURGE_JOBS", 1, "Delete every jobs in a queue", "{queue_slug}"),
    Entry("PURGE_WORKERS", 1, "Unsubscribe every worker in a queue", "{queue_slug}"),
    Entry("LIST_JOBS", 1, "List all jobs in a queue", "{queue_slug}"),
    Entry("UPDATE_JOB", 2, "Set the status of a job", "{job_id} {job_status}"),
    Entry("DELETE_JOB", 1, "Delete a job", "{job_id}"),
    Entry(
        "DISPATCH",
        0,
        "Will force the dispatch of jobs accross all the workers",
        auth=False,
        group=False,
    ),
    Entry(
        "RECURRENT_JOB",
        3,
        "Declare recurrent job on a queue",
        "{queue_slug} {job_type} {cron_instruction}",
    ),
    Entry("LIST_RECURRENT_JOBS", 1, "List all the recurrent jobs of a queue", "{queue_slug}"),
    Entry("DELETE_RECURRENT_JOB", 1, "Delete a recurrent job", "{job_entry_id}"),
    Entry("HEALTH", 0, "Get the health of this jobatator instance", group=False),
    Entry("DEBUG_PARTS", -1, "Dump parsed command parts", auth=False, group=False),
    Entry(
        "DEBUG",
        0,
        "Dump server data in a human readable format, only work if debug is enabled",
        auth=False,
        group=False,
    ),
    Entry(
        "DEBUG_JSON",
        0,
        "Dump server data in a JSON format, only work if debug is enabled",
        auth=False,
        group=False,
    ),
    Entry(
        "STOP_SERVER",
        0,
        "Stop the server, only work if test_mode is enabled",
        auth=False,
        group=False,
    ),
    Entry("PING", 0, "Check if the connexion is alive", auth=False, group=False),
    Entry("QUIT", 0, "Disconnect from the server", auth=False, group=False),
    Entry(
        "CURRENT_SESSION",
        0,
        "Get current session data (user allowed groups for example)",
        group=False,
    ),
    Entry("LIST_SESSIONS", 0, "List all sessions in the group", group=False),
)
BY_NAME: Final = {entry.name: entry for entry in ENTRIES}
LISTED: Final = go_json.array(go_json.name(entry.name) for entry in ENTRIES)
"""What HELP answers without a command's name."""
