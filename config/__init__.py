"""Settings: what they are, where they come from, and which of them may stand together.

A leaf: nothing here imports the engine or a front-end.
"""
