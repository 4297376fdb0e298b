"""Codecs that any door may import: bytes in, commands out; replies in, bytes out."""
