"""One file a step, named for when it was written and what it changes."""
