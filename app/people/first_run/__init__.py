"""The first run: from nothing to an alliance with one school and one person in it."""
