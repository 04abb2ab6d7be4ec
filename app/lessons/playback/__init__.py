"""Playlists, segments, and the log of who watched."""
