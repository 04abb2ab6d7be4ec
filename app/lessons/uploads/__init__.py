"""Resumable uploads: bytes go to storage, rows hold the bookkeeping."""
