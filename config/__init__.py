"""Builds everything from the settings; imported by nothing but its own start-up, migrations and tests."""
