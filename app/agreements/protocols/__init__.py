"""Protocols: versions, rosters, signatures; the heart of who may see what."""
