"""Who takes part: accounts, alliances, schools, memberships, guests."""
