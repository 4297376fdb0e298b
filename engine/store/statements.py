"""The SQL of the current schema."""

from engine.store.tables import JOBS, SPECS, Table

PUT = {
    int(table): f"INSERT OR REPLACE INTO {spec.name} VALUES({','.join('?' * len(spec.columns))})"
    for table, spec in SPECS.items()
}
"""Keep one row, whether it was there or not."""

DROP = {
    int(table): " ".join(("DELETE FROM", spec.name, "WHERE", spec.columns[0][0], "=?"))
    for table, spec in SPECS.items()
}
"""Delete one row by its key."""

GET_META = "SELECT value FROM meta WHERE key=?"
GET_PAYLOAD = "SELECT seq,payload FROM bodies WHERE seq=?"
GET_DETAIL = "SELECT * FROM details WHERE seq=?"

ORDER = (
    int(Table.META),
    int(Table.QUEUES),
    int(Table.RECURRENCES),
    int(Table.REQUESTS),
    int(Table.ACCOUNTS),
    int(Table.AUDIT),
    JOBS,
)
"""The order a load goes in."""

FIRST_KEY: dict[int, int | str] = {
    int(Table.META): "",
    int(Table.QUEUES): -(2**63),
    int(Table.RECURRENCES): -(2**63),
    int(Table.REQUESTS): "",
    int(Table.ACCOUNTS): "",
    int(Table.AUDIT): -(2**63),
    JOBS: -(2**63),
}
"""Below every key of a table: no key is the empty text or the smallest integer."""

# A payload stays on disk from `FIRST_TERMINAL` on; META keys in `STORE_KEYS` are not shown.
PAGE: dict[int, str] = {
    int(Table.META): "SELECT * FROM meta WHERE key>? AND key NOT GLOB 'store.*'"
    " ORDER BY key LIMIT ?",
    int(Table.QUEUES): "SELECT * FROM queues WHERE number>? ORDER BY number LIMIT ?",
    int(Table.RECURRENCES): "SELECT * FROM recurrences WHERE number>? ORDER BY number LIMIT ?",
    int(Table.REQUESTS): "SELECT * FROM requests WHERE key>? ORDER BY key LIMIT ?",
    int(Table.ACCOUNTS): "SELECT * FROM accounts WHERE key>? ORDER BY key LIMIT ?",
    int(Table.AUDIT): "SELECT * FROM audit WHERE number>? ORDER BY number LIMIT ?",
    JOBS: """
        SELECT h.*, b.id, b.type, CASE WHEN h.state<3 THEN b.payload END, b.policy,
            b.created_at, b.more
        FROM heads h JOIN bodies b ON b.seq=h.seq WHERE h.seq>? ORDER BY h.seq LIMIT ?
        """,
}
"""A page of a load: the rows after a key, at most so many."""

# Jobs have no index by queue, and one look through all of them must not hold up the commits behind
# it. So a page of one queue looks through a slice of the table.
PAGE_OF_QUEUE: dict[int, str] = {
    int(Table.QUEUES): """
        SELECT * FROM (SELECT * FROM queues WHERE number>? ORDER BY number LIMIT ?)
        WHERE number=?
        """,
    int(Table.RECURRENCES): """
        SELECT * FROM (SELECT * FROM recurrences WHERE number>? ORDER BY number LIMIT ?)
        WHERE queue=?
        """,
    int(Table.REQUESTS): """
        SELECT * FROM (SELECT * FROM requests WHERE key>? ORDER BY key LIMIT ?) WHERE queue=?
        """,
    JOBS: """
        SELECT h.*, b.id, b.type, CASE WHEN h.state<3 THEN b.payload END, b.policy,
            b.created_at, b.more
        FROM (SELECT * FROM heads WHERE seq>? ORDER BY seq LIMIT ?) h
        JOIN bodies b ON b.seq=h.seq WHERE h.queue=? ORDER BY h.seq
        """,
}
"""The same of one queue: the rows in the slice that begins after a key. No queue has a part in the
other tables."""

END_OF_SLICE: dict[int, str] = {
    int(Table.QUEUES): "SELECT max(number) FROM"
    " (SELECT number FROM queues WHERE number>? ORDER BY number LIMIT ?)",
    int(Table.RECURRENCES): "SELECT max(number) FROM"
    " (SELECT number FROM recurrences WHERE number>? ORDER BY number LIMIT ?)",
    int(Table.REQUESTS): "SELECT max(key) FROM"
    " (SELECT key FROM requests WHERE key>? ORDER BY key LIMIT ?)",
    JOBS: "SELECT max(seq) FROM (SELECT seq FROM heads WHERE seq>? ORDER BY seq LIMIT ?)",
}
"""Where that slice ends, whether or not it held a row of the queue."""
