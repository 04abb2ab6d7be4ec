"""Recordings from upload to playing."""
