"""Where what queues decided is kept: the protocol, and the stores in memory and in SQLite."""
