"""Erasing for good, and the tombstones that prove it."""
