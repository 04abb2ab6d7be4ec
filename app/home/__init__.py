"""Pages that read from everywhere."""
