"""A recording: its owner, state, and dates."""
