"""Assets, renditions, chunks and segments of a recording."""
