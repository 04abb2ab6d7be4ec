"""Notes at their moments."""
