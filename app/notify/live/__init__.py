"""What open pages are told as it happens: rows that are made in the act's own transaction, and kept for a day."""
