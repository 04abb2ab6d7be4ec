"""Targets for the next lesson."""
