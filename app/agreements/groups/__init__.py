"""Groups: who opens a project together, joins it and leaves it; and the project's own page."""
