"""Guests of one project, for a limited time."""
