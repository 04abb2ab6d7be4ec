"""Projects, their kind, aims and participants."""
