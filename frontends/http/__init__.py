"""The HTTP front-end: one server, several dialects, straight on the command layer."""
