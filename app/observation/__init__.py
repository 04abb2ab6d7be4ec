"""What colleagues noticed, and what they shared."""
