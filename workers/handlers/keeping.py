"""What the clock does for films: gives rows their jobs back, and sweeps what workers that were lost have stored."""
