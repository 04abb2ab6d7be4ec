"""What we keep, for how long, and the proof."""
