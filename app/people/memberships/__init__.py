"""Who belongs to which school, in which role, and how they are invited."""
