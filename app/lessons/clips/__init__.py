"""Clips: a part of a lesson with an address of its own."""
