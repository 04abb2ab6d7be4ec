"""Cycles: whose turn it is, the briefing, and how far it has come."""
