"""The native API: every command of the engine's table as HTTP, and the document that says so."""
