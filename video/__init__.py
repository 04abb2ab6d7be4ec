"""Knows media, not lessons: probing, planning, transcoding, playlists and storage."""
