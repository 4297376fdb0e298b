"""JobEngine over HTTP, v0.0.1 and v1, on the same queues as every other door."""
