"""Yeses that can be taken back, objections, and training."""
