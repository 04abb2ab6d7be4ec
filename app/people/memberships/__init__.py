"""Who belongs to which school, and in which role."""
