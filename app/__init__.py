"""Knows teaching: people, agreements, lessons, what was noticed; its rooms stand in the order of a lesson's life."""
