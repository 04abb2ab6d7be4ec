"""Projects, their kind, aims and participants: what every agreement stands on."""
