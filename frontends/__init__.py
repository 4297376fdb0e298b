"""Protocols: what turns bytes into commands and answers into bytes. No job rule lives here."""
