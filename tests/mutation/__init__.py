"""Small changes put into the engine one at a time, and how many of them the tests notice."""
